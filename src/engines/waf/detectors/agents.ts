/** User agents of scanners and attack tools, as they name themselves. Browsers, libraries and honest robots pass. */
import type { Detector } from './detector.ts';
import { evidence } from './evidence.ts';
import { RecentAnswers } from './recent.ts';

const scanners = new RecentAnswers((agent) =>
  /\b(?:sqlmap|nikto|nessus|nmap|masscan|zgrab|nuclei|openvas\w*|openvas-vt|acunetix|netsparker|invicti|burp(?:suite|collaborator)?|w3af|arachni|wpscan|joomscan|droopescan|dirbuster|dirb|gobuster|feroxbuster|ffuf|wfuzz|havij|sqlninja|jsql|bsqlbf|absinthe|pangolin|commix|xsser|xenotix|skipfish|vega|whatweb|wapiti|webinspect|appscan|qualys(?:guard)?|detectify|metis|hydra|medusa|brutus|zmeu|morfeus|webshag|paros|zaproxy|owasp\s?zap|grendel-scan|fimap|uniscan|golismero|jaeles|dalfox|xray|crawlergo|hakrawler|httpx|naabu|subfinder|interactsh|log4j-?scan\w*|fuzz faster u fool|cgichk|n-stealth|nsauditor|webtrends security|security scan|l9explore|l9tcpid|leakix|muhstik-scan|sysscan|gvs|jorgee|datacha0s|internet ninja|blackwidow|webvulnscan|toata|mysqloit|sf\/|core-project\/1\.0|prog\.customcrawler|black widow|cisco-torch|teleport pro|springenwerk|struts-pwn|massscan|network-services-auditor|rustbuster|chopper|antsword|behinder|webbandit|whisker|amiga-aweb|atomic_email_hunter|email ?siphon|extractorpro|copyrightcheck|dav\.pm\/v|mozilla\/4\.0 \(toata|mercuryboard_user_agent_sql_injection\.nasl)\b|\.nasl\b|project\s?discovery/i.test(
    agent,
  ),
);

export const attackAgent: Detector = (value) =>
  scanners.of(value) ? evidence('protocol', 'an attack tool names itself', value, 0.95) : undefined;
