/** What the ERP has on its own queue. Rows are those of the table named. */

export const ORDER_ARRIVES = 1; // shop order
export const ORDER_RELEASED = 2; // shop order
export const ORDER_COMPLETES = 3; // shop order
export const ORDER_REJECTED = 4; // shop order
export const ORDER_COST = 5; // shop order
export const GOODS_MOVE = 6; // group of movements
export const GOODS_REST = 7; // group of movements
export const QUALITY_DONE = 8; // document item
export const SCRAP = 9; // document item
export const RETURN_ENTERED = 10; // shop return
export const RETURN_INSPECTED = 11; // customer return
export const PARTNER_CREATED = 12; // customer
export const PARTNER_EDITED = 13; // customer
export const PARTNER_BLOCKED = 14; // customer
export const PURCHASE_WRITTEN = 15; // planned order
export const PURCHASE_ANSWERED = 16; // purchase order
export const PRICE_CHANGED = 17; // price log
export const TIER_CHANGED = 18; // tier price
export const MATERIAL_CREATED = 19; // product
export const MATERIAL_ACTIVE = 20; // product
export const MATERIAL_INACTIVE = 21; // product
export const MATERIAL_DELETED = 22; // product
export const DISCOUNT_ENTERED = 23; // promotion
export const NIGHT = 24; // day of the world
