/** What Kubernetes calls a DNS-1035 label. */
export const label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** As refusals say it. */
export const labelRule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
