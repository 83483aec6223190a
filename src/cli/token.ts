import { loadEnvironment } from '../config/index.js';
import { tokenCommand } from './token-command.js';

const { exitCode, stdout, stderr } = await tokenCommand(process.argv.slice(2), loadEnvironment);
if (stdout) console.log(stdout);
if (stderr) console.error(stderr);
process.exitCode = exitCode;
