/** How much there may be. @see Amazon CloudFront Developer Guide, "Quotas" */
export const quotas = {
  distributions: 500,
  aliases: 100,
  origins: 100,
  behaviors: 75,
  customHeaders: 30,
  forwardedHeaders: 10,
  forwardedCookies: 10,
  forwardedQueryStrings: 10,
  tags: 50,
  /** Paths of one batch, and of all that are under way. */
  invalidationPaths: 3_000,
  invalidationWildcards: 15,
  /** Kept for each distribution: the oldest go first. */
  invalidations: 500,
  /** Characters of names and values of an origin's custom headers. */
  customHeaderText: 10_240,
  /** Characters of a distribution as it is kept: every edge node holds them all. */
  distributionText: 128 * 1024,
} as const;
