/** REMOVE_NULLS and REPLACE_NULLS (by spaces). */

export const removeNulls = (text: string): string => text.replaceAll('\0', '');

export const replaceNulls = (text: string): string => text.replaceAll('\0', ' ');
