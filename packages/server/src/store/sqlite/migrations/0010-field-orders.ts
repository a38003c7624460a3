/** Of rows that arrive in parts: JSON, by field the order of the event that gave it. NULL on all others. */
export const migration0010 = "ALTER TABLE observations ADD COLUMN field_orders TEXT";
