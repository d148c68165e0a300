/** Figures of a vitest JSON report. A file that could not be loaded, or errors outside of tests, count as one failure each. */
export function countResults(report, exitCode) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** `N passed, N failed`, and `, N skipped` when there are any. */
export const summaryLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** One line for each failed test of a vitest JSON report, or file that could not be loaded: where it is, and the first line of why. */
export function failureLines(report, root) {
  if (report === null) return [];
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    if (status === 'failed' && assertionResults.length === 0) return [failureLine(file, [], message)];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => failureLine(file, [...test.ancestorTitles, test.title], test.failureMessages[0]));
  });
}

/** `failed: FILE > TITLE > TITLE: WHY` */
export const failureLine = (file, titles, message = '') =>
  `failed: ${[file, ...titles].join(' > ')}: ${message.trim().split('\n', 1)[0]}`;
