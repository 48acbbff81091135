/** Files and folders that an attacker asks for and an application never does, by their last or first parts. */

/** Names that are enough by themselves, wherever a path ends in them. */
export const tellingNames: ReadonlySet<string> = new Set(
  `boot.ini win.ini system.ini ntuser.dat sam.sav .htpasswd .htaccess .bash_history .mysql_history .ssh/id_rsa id_rsa id_dsa id_ed25519
authorized_keys .git/config .git/head .git/index .svn/entries .aws/credentials wp-config.php .env web.config web.xml .bashrc .profile shadow.bak
master.passwd php.ini httpd.conf my.cnf .npmrc .pgpass .netrc .dockercfg winnt.sif autoexec.bat unattend.xml .psql_history
.history .zsh_history .sh_history .ksh_history .python_history .node_repl_history .php_history .sqlite_history .rediscli_history .nano_history
.viminfo .rhosts .zshrc .bash_profile .bash_logout .bash_aliases .zprofile .kshrc .cshrc .tcshrc .my.cnf .pypirc .kube/config .docker/config.json
.gitconfig .git-credentials .s3cfg .boto .lesshst id_ecdsa .aws/config .azure/credentials .gem/credentials .cargo/credentials .m2/settings.xml
.vault-token .terraformrc .xauthority .mongorc.js .dbshell .lldb-history .password-store .procmailrc .pearrc .cursor/mcp.json .mcp.json
.claude/settings.json .claude/settings.local.json .claude.json .codex/config.toml .codex/auth.json .continue/config.yaml .continue/config.json
.gemini/settings.json .aider.conf.yml .aider.chat.history.md .cursorrules .windsurfrules .clinerules .fabric/.env`.split(
    /\s+/,
  ),
);

/** Parts under `/etc`, and other folders of system, that hold what attackers read. */
export const etcNames: ReadonlySet<string> = new Set(
  `passwd passwd- shadow shadow- group gshadow hosts issue issue.net motd hostname fstab crontab sudoers resolv.conf profile ssh ssl
inittab networks services shells vsftpd.conf proftpd.conf pure-ftpd ftpaccess ftpchroot ftphosts apache apache2 httpd nginx lighttpd php
php4 php5 php7 php.ini my.cnf mysql mtab exports init.d cron.d security rsyncd.conf samba smb.conf snmp squid logrotate.d at.allow
master.passwd firewall sysconfig rc.conf redhat-release lsb-release os-release debian_version centos-release nsswitch.conf
chrootusers pam.d network ppp wu-ftpd syslog.conf environment ld.so.conf xinetd.conf inetd.conf hosts.allow hosts.deny alias aliases timezone
subuid subgid subuid- subgid- gshadow- group- anacrontab crypttab host.conf gai.conf inputrc krb5.conf krb5.keytab ld.so.cache ldap openldap
localtime machine-id modprobe.d modules ntp.conf chrony chrony.conf openvpn wireguard pam.conf postfix dovecot exim exim4 postgresql
redis mongod.conf printcap rc.local rpc rsyslog.conf rsyslog.d screenrc securetty selinux skel sudo.conf sysctl.conf sysctl.d systemd tor udev ufw
updatedb.conf vim wgetrc wpa_supplicant netplan networkmanager netgroup netconfig ethers dhcp dnsmasq.conf bind named.conf default apt yum.conf
yum.repos.d zsh profile.d bash.bashrc adduser.conf deluser.conf cups clamav ansible puppet chef consul.d vault.d nomad.d rancher cni containers
mke2fs.conf manpath.config mailcap mime.types init inittab- iscsi exports.d fuse.conf gitconfig hostapd libvirt lvm motd-news multipath.conf
bashrc npasswd login.defs protocols kubernetes docker letsencrypt`.split(/\s+/),
);

/** The first two parts of absolute paths with which an attacker's path goes on. */
export const systemFolders: ReadonlySet<string> = new Set(
  `etc/* proc/self proc/version proc/cpuinfo proc/cmdline proc/mounts proc/net proc/sched_debug proc/environ proc/1 proc/config.gz proc/devices
proc/filesystems proc/interrupts proc/kallsyms proc/kcore proc/key-users proc/keys proc/kmsg proc/loadavg proc/locks proc/meminfo proc/modules
proc/partitions proc/stat proc/swaps proc/sys proc/uptime proc/vmstat proc/crypto proc/driver proc/fs proc/ioports proc/iomem proc/scsi
proc/slabinfo proc/sysvipc proc/tty proc/zoneinfo proc/cgroups proc/thread-self sys/kernel sys/module sys/firmware sys/fs sys/block sys/bus
sys/power sys/hypervisor var/log var/mail
var/spool var/lib var/run var/www usr/local usr/lib usr/etc usr/share usr/pkg opt/apache opt/apache2 opt/lampp opt/xampp opt/tomcat home/* root/.ssh
root/.bash_history root/* windows/system32 windows/win.ini windows/system.ini windows/repair windows/debug windows/panther windows/php.ini
winnt/system32 winnt/win.ini winnt/php.ini winnt/repair winnt/system.ini inetpub/* boot/grub sys/class dev/tcp xampp/* wamp/* apache/* apache2/*
php/* php5/* web-inf/* meta-inf/* users/* mysql/* logs/* etc/passwd library/webserver volumes/* nt/* programfiles/* data/mysql private/etc`.split(
    /\s+/,
  ),
);
