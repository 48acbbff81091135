/** User agents of scanners and attack tools, as they name themselves. Browsers, libraries and honest robots pass. */
import type { Detector } from './detector.ts';
import { evidence } from './evidence.ts';
import { RecentAnswers } from './recent.ts';
import { commonPrograms, unixPrograms } from './shell/commands.ts';

const scanners = new RecentAnswers((agent) =>
  /\b(?:sqlmap|nikto|nessus|nmap|masscan|zgrab|nuclei|openvas\w*|openvas-vt|acunetix|netsparker|invicti|burp(?:suite|collaborator)?|w3af|arachni|wpscan|joomscan|droopescan|dirbuster|dirb|gobuster|feroxbuster|ffuf|wfuzz|havij|sqlninja|jsql|bsqlbf|absinthe|pangolin|commix|xsser|xenotix|skipfish|vega|whatweb|wapiti|webinspect|appscan|qualys(?:guard)?|detectify|metis|hydra|medusa|brutus|zmeu|morfeus|webshag|paros|zaproxy|owasp\s?zap|grendel-scan|fimap|uniscan|golismero|jaeles|dalfox|xray|crawlergo|hakrawler|httpx|naabu|subfinder|interactsh|log4j-?scan\w*|fuzz faster u fool|cgichk|n-stealth|nsauditor|webtrends security|security scan|l9explore|l9tcpid|leakix|muhstik-scan|sysscan|gvs|jorgee|datacha0s|internet ninja|blackwidow|webvulnscan|toata|mysqloit|sf\/|core-project\/1\.0|prog\.customcrawler|black widow|cisco-torch|teleport pro|springenwerk|struts-pwn|massscan|network-services-auditor|rustbuster|chopper|antsword|behinder|webbandit|whisker|amiga-aweb|atomic_email_hunter|email ?siphon|extractorpro|copyrightcheck|dav\.pm\/v|mozilla\/4\.0 \(toata|mercuryboard_user_agent_sql_injection\.nasl)\b|\.nasl\b|project\s?discovery/i.test(
    agent,
  ),
);

export const attackAgent: Detector = (value) =>
  scanners.of(value) ? evidence('protocol', 'an attack tool names itself', value, 0.95) : undefined;

const tools =
  /^(?:ansible(?:-\w+)?|chef(?:-\w+)?|knife|puppet|salt(?:-\w+)?|cscli|terraform|vagrant|helm|kubectl|kubeadm|visudo|systemctl)$/;

/** A command line where a client names itself: whatever writes the name down may run it. */
export const commandAgent: Detector = (value) => {
  const found = /^\s{0,4}["']?([a-z][\w.+-]{0,24})["']?((?:\s{1,4}[\w.,:=@"'/-]{1,80}){0,12})["']?\s{0,4}$/.exec(value);
  if (found === null) return undefined;
  const name = found[1]!;
  const rest = found[2]!.trim();
  const isTool = tools.test(name);
  if (!isTool && !unixPrograms.has(name) && !commonPrograms.has(name)) return undefined;
  // `curl 8.1` and `ruby` name themselves; an argument does not begin with a digit, nor is it a version.
  const isCall =
    rest === ''
      ? (isTool && name.includes('-')) || name === 'visudo'
      : /^["'./-]*[a-zA-Z]/.test(rest) && !/\/v?\d/.test(rest);
  return isCall ? evidence('shell', `a command line as the client’s name: ${name}`, value, 0.8) : undefined;
};
