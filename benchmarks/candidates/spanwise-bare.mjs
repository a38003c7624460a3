/** Ours without trace attributes: what the peers record too. */
import * as spanwise from "./spanwise.mjs";

export const label = "Spanwise, bare";
export const { load } = spanwise;
export const setUp = (core, context) => spanwise.setUp(core, { ...context, attributes: false });
