import type { PostgresColumn } from '../../../../shared/canonical/postgres/program.ts';
import type { Masks } from '../../../../shared/equivalence/mask.ts';
import type { Relation, RelationColumn } from '../../../../shared/equivalence/relation.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { CatalogColumn, CatalogTable } from './catalog.ts';
import { identifier } from './quote.ts';

/** A column of the relation, with what the catalogue knows of it. */
export interface TableColumn {
  readonly relation: RelationColumn;
  readonly catalog: CatalogColumn;
}

/** The columns of a relation as they are in the catalogue; `demandColumns` has looked whether they are there. */
export function tableColumns(relation: Relation, table: CatalogTable): readonly TableColumn[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  return relation.columns.map((column) => {
    const catalog = byName.get(column.native.name);
    if (catalog === undefined) throw new Problem('schema-changed');
    return { relation: column, catalog };
  });
}

/** What is selected of a column: its value, or its text. */
export function selectedAs({ name, cast }: CatalogColumn): string {
  return `t.${identifier(name)}${cast ? '::pg_catalog.text' : ''}`;
}

export function copyColumn({ relation, catalog }: TableColumn, masks: Masks): PostgresColumn {
  return {
    name: relation.name,
    engineType: catalog.sent ?? catalog.type,
    type: relation.type,
    // The engine keeps NULL out of a column that cannot have it: there is nothing to look for.
    notNull: !relation.nullable && catalog.nullable,
    mask: relation.masked ? masks.forColumn(relation.name) : undefined,
  };
}
