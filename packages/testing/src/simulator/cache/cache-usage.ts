/** How a prompt's tokens are billed. The four are disjoint and add up to the whole prompt. */
export interface CacheUsage {
  readonly read: number;
  readonly written5m: number;
  readonly written1h: number;
  readonly uncached: number;
}
