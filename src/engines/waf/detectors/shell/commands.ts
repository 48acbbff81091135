/** Programs of Unix and Windows that attackers call. Those whose names are English words need more than their name. */

/** No word of prose, so that a separator before them is enough. */
export const unixPrograms: ReadonlySet<string> = new Set(
  `awk gawk mawk nawk sed grep egrep fgrep zgrep xargs chmod chown chgrp chattr lsattr curl wget netcat ncat socat tftp rsync scp ssh sshd sftp telnet
nslookup traceroute tcpdump nmap ifconfig ipconfig iptables netstat uname whoami hostname printenv passwd useradd userdel usermod groupadd
adduser visudo sudo su doas crontab atrm killall pkill pgrep lsof lsblk lsmod insmod rmmod modprobe mkfifo mknod mkdir rmdir mktemp
unlink readlink realpath basename dirname bash dash zsh ksh csh tcsh fish busybox python python2 python3 perl php php5 php7 ruby
lua node nodejs gcc g++ clang java javac gdb strace ltrace tar gzip gunzip bzip2 bunzip2 xz unxz zip unzip zcat bzcat xzcat base64 base32 xxd
hexdump strings nl tac printf tee uniq wc tr rev ifs dd df du ps ls mv cp rm ln id env pwd uptime dpkg apt apt-get yum rpm apk pacman
systemctl service journalctl dmesg lastlog mysql mysqldump psql sqlite3 mongo redis-cli openssl gpg md5sum sha1sum
sha256sum nohup setsid timeout screen tmux vi vim nano emacs ed ping ping6 arp getent nc nc.traditional nc.openbsd sh ash rbash lsb_release fdisk mount
umount lp lpr ftp wish tclsh expect ionice stdbuf run-parts start-stop-daemon pkexec unshare chroot
hping3 dig whois mail sendmail mutt msfconsole fping aria2c axel lynx w3m elinks links2 smbclient rlogin rsh rcp ldapsearch snmpwalk ip ss tracepath pidof pstree blkid swapon
mkswap useradd chpasswd gpasswd newgrp logname lscpu lspci lsusb vmstat iostat mpstat sar free nproc sysctl getcap setcap capsh nsenter
journalctl loginctl timedatectl hostnamectl crictl ctr podman kubectl minikube`.split(/\s+/),
);

/** English words: telling only with arguments that no sentence has. */
export const commonPrograms: ReadonlySet<string> = new Set(
  `cat echo sleep find sort head tail cut more less who time date kill touch test split join look last watch file free host nice top
man make at set export source eval exec alias history jobs type dir copy del move net start ping route help wait read true
which where whereis locate fold paste comm diff patch cal expr seq yes shutdown reboot halt mount print let trap unset dump stat sum service
install link npm git docker kubectl svn gem pip mail view cd w shred users groups sc reg runas at vol ver tree fc attrib erase ren rd md`.split(
    /\s+/,
  ),
);

export const windowsPrograms: ReadonlySet<string> = new Set(
  `cmd cmd.exe powershell powershell.exe pwsh ipconfig systeminfo tasklist taskkill netsh wmic certutil bitsadmin mshta rundll32 regsvr32 cscript
wscript schtasks nltest dsquery csvde icacls cacls takeown vssadmin bcdedit wevtutil nbtstat tracert pathping findstr xcopy robocopy msiexec
installutil regasm regsvcs cmstp forfiles whoami hostname getmac driverquery sfc diskpart quser qwinsta netstat nslookup curl.exe net.exe net1 wscript.exe
cscript.exe certutil.exe mshta.exe rundll32.exe regsvr32.exe bitsadmin.exe explorer.exe calc.exe notepad.exe calc ping.exe reg.exe sc.exe at.exe`.split(
    /\s+/,
  ),
);

/** PowerShell's commands, in the forms in which they run, fetch or change something. */
export const cmdlets =
  /(?:^|[^\w-])(?:invoke-(?:expression|webrequest|restmethod|command|item|wmimethod|history|mimikatz|shellcode|method|cimmethod|asynchronousworkflow|trouble\w+|obfuscation)|new-(?:object|item|itemproperty|service|psdrive|pssession|localuser|scheduledtask\w*|alias|variable|event\w*|module\w*|timespan|webserviceproxy)|get-(?:process|childitem|content|wmiobject|service|item|itemproperty|help|command|credential|ciminstance|aduser|localuser|nettcpconnection|netipaddress|eventlog|winevent|acl|alias|clipboard|computerinfo|date|event\w*|executionpolicy|hotfix|history|host|job|location|member|module|psdrive|psprovider|random|unique|variable|verb|authenticodesignature|counter|culture|transaction|tracesource|uiculture|formatdata)|set-(?:content|executionpolicy|item|itemproperty|mppreference|acl|alias|service|location|variable|date|psdebug|strictmode|authenticodesignature|tracesource|wmiinstance)|start-(?:process|service|job|bitstransfer|sleep|transaction|transcript)|stop-(?:process|service|computer|job|transcript)|remove-(?:item|itemproperty|service|job|module|psdrive|variable|wmiobject|computer|event)|out-(?:file|string|null|host|gridview|printer|default)|add-(?:type|content|mppreference|localgroupmember|computer|history|member|pssnapin)|import-(?:module|csv|clixml|alias|counter|localizeddata|pssession)|export-(?:csv|clixml|alias|console|modulemember)|convertto-(?:html|json|securestring|csv|xml)|convertfrom-(?:json|securestring|csv|stringdata)|copy-item(?:property)?|move-item(?:property)?|rename-(?:item|computer)|clear-(?:content|item|history|eventlog|host|variable)|foreach-object|where-object|select-(?:object|string|xml)|write-(?:output|host|error|verbose|warning|debug|eventlog|progress)|test-(?:path|connection|netconnection|computersecurechannel|modulemanifest)|enable-(?:psremoting|psbreakpoint|computerrestore)|disable-(?:psremoting|psbreakpoint)|restart-(?:computer|service)|read-host|format-(?:list|table|wide|custom)|sort-object|tee-object|group-object|measure-(?:object|command)|compare-object|join-path|split-path|resolve-path|register-(?:objectevent|wmievent|engineevent)|unregister-event|wait-(?:process|job|event)|push-location|pop-location|update-(?:list|typedata|formatdata)|use-transaction|complete-transaction|undo-transaction|trace-command|enter-pssession|debug-process|limit-eventlog|show-eventlog|checkpoint-computer|restore-computer|reset-computermachinepassword|suspend-service|resume-service|receive-job|new-event)(?![\w-])/i;
