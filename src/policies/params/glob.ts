/** Whether all of a text fits a pattern in which `*` stands for any characters and `?` for one. */
export function matchesGlob(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      resumeAt = at;
      next += 1;
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      // The last star takes one character more; the earlier ones never need to, which keeps this fast for every pattern.
      resumeAt += 1;
      at = resumeAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
