import { Refusal } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** How the script calls Dripline, whatever folder the shell is in. */
export interface Called {
  node: string;
  program: string;
}

const isShell = (name: string): name is Shell => shells.some((one) => one === name);
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
/** In single quotes fish takes a backslash before a quote or another backslash. */
const quotedInFish = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;

/** Throws a Refusal for a shell that there is no script for. */
export function completionFor(shell: string, { node, program }: Called): string {
  if (!isShell(shell))
    throw new Refusal(
      `there is no completion for "${shell.slice(0, 40)}": ${didYouMean(shell, [...shells])}`,
    );
  const quote = shell === 'fish' ? quotedInFish : quoted;
  return scripts[shell](`${quote(node)} ${quote(program)} __complete`);
}

const scripts: Record<Shell, (call: string) => string> = { bash, zsh, fish };

/** Bash breaks words at signs such as @ too: what stands before them is there already. */
function bash(call: string): string {
  return `# Completion of Dripline for bash: eval "$(dripline completion bash)"
_dripline() {
  local line="\${COMP_LINE:0:COMP_POINT}" last cut one
  local -a words=()
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  last=""
  (( \${#words[@]} )) && last="\${words[\${#words[@]}-1]}"
  cut="\${last%"\${last##*[@:=]}"}"
  COMPREPLY=()
  while IFS= read -r one; do
    [[ -n $one ]] && COMPREPLY+=("\${one#"$cut"}")
  done < <(${call} "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _dripline dripline
`;
}

function zsh(call: string): string {
  return `#compdef dripline
# Completion of Dripline for zsh: eval "$(dripline completion zsh)"
_dripline() {
  local -a found
  found=("\${(@f)$(${call} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( $#found )); then compadd -a found; else _files; fi
}
compdef _dripline dripline
`;
}

function fish(call: string): string {
  return `# Completion of Dripline for fish: dripline completion fish | source
function __dripline_complete
  set -l words (commandline -opc) (commandline -ct)
  ${call} $words[2..-1] 2>/dev/null
end
complete -c dripline -a '(__dripline_complete)'
`;
}
