import { arnLike } from './arn.ts';
import { binaryEquals } from './binary.ts';
import { bool } from './bool.ts';
import { dateEquals, dateGreaterThan, dateGreaterThanEquals, dateLessThan, dateLessThanEquals } from './date.ts';
import { ipAddress } from './ip-address.ts';
import {
  numericEquals,
  numericGreaterThan,
  numericGreaterThanEquals,
  numericLessThan,
  numericLessThanEquals,
} from './numeric.ts';
import { not, type Operator } from './operator.ts';
import { stringEquals, stringEqualsIgnoreCase, stringLike } from './string.ts';

/** Every condition operator of IAM but `Null`, which asks about the key and not about a value (see block.ts). */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: stringEquals,
  StringNotEquals: not(stringEquals),
  StringEqualsIgnoreCase: stringEqualsIgnoreCase,
  StringNotEqualsIgnoreCase: not(stringEqualsIgnoreCase),
  StringLike: stringLike,
  StringNotLike: not(stringLike),
  NumericEquals: numericEquals,
  NumericNotEquals: not(numericEquals),
  NumericLessThan: numericLessThan,
  NumericLessThanEquals: numericLessThanEquals,
  NumericGreaterThan: numericGreaterThan,
  NumericGreaterThanEquals: numericGreaterThanEquals,
  DateEquals: dateEquals,
  DateNotEquals: not(dateEquals),
  DateLessThan: dateLessThan,
  DateLessThanEquals: dateLessThanEquals,
  DateGreaterThan: dateGreaterThan,
  DateGreaterThanEquals: dateGreaterThanEquals,
  Bool: bool,
  BinaryEquals: binaryEquals,
  IpAddress: ipAddress,
  NotIpAddress: not(ipAddress),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  ArnNotEquals: not(arnLike),
  ArnNotLike: not(arnLike),
};
