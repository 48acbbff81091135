/** Names under which clients expect AWS itself, and where load balancers and distributions have theirs. */
const ofAws = /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|amazon\.com|cloudfront\.net|aws)\.?$/;

/** @param name lower case, with or without its final dot */
export const isNameOfAws = (name: string): boolean => ofAws.test(name);
