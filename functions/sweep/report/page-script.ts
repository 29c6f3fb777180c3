/** Filters the table of divergences; the page is whole without it. */
export const SCRIPT = `
'use strict';
const filters=document.getElementById('filters');
if(filters){
  filters.hidden=false;
  const rows=[...document.querySelectorAll('#list tbody tr')];
  const shown=document.getElementById('shown');
  const apply=()=>{
    const data=new FormData(filters);
    const kinds=new Set(data.getAll('kind'));
    const column=data.get('column');
    const text=String(data.get('text')).toLowerCase();
    let count=0;
    for(const row of rows){
      const fits=kinds.has(row.dataset.kind)&&(!column||(' '+row.dataset.columns+' ').includes(' '+column+' '))
        &&(!text||row.cells[1].textContent.toLowerCase().includes(text));
      row.hidden=!fits;
      if(fits)count+=1;
    }
    shown.textContent=count+' of '+rows.length+' shown';
  };
  filters.addEventListener('input',apply);
  filters.addEventListener('submit',(event)=>event.preventDefault());
  apply();
}
`;
