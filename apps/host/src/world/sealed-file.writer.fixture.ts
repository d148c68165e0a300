/** Writes one text after another to the file that it is told, until it is ended. */
import { SealedFile } from './sealed-file.ts';

const file = new SealedFile(process.argv[2] ?? '', async () => 'secret');
for (let number = 0; ; number++) {
  await file.write(`${number} `.repeat(5_000));
  if (number === 0) process.stdout.write('writing\n');
}
