/** Where CI systems and hosts name the commit, in the order of langfuse-js 3's list. */
const COMMIT_VARIABLES = [
  "VERCEL_GIT_COMMIT_SHA",
  "NEXT_PUBLIC_VERCEL_GIT_COMMIT_SHA",
  "CI_COMMIT_SHA",
  "CIRCLE_SHA1",
  "CF_PAGES_COMMIT_SHA",
  "COMMIT_REF",
  "RENDER_GIT_COMMIT",
  "SOURCE_VERSION",
  "TRAVIS_COMMIT",
  "GITHUB_SHA",
  "BITBUCKET_COMMIT",
  "BUILD_SOURCEVERSION",
  "DRONE_COMMIT_SHA",
] as const;

export function findRelease(env: (name: string) => string | undefined): string | undefined {
  for (const name of COMMIT_VARIABLES) {
    const value = env(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
