"""Words of logging in and of sync: errors of network, server and account, states, what waits in the inbox."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

KINDS: dict[str, KindTexts] = {}

STATES: dict[str, str] = {
    "standalone": "本机工作区",
    "offline": "离线",
    "waiting": "待同步",
    "syncing": "正在同步",
    "up_to_date": "已同步",
    "needs_you": "需要处理",
    "needs_login": "需要登录",
}

INBOX_KINDS: dict[str, str] = {
    "conflict": "冲突",
    "rejected": "被拒绝",
    "revoked": "权限已收回",
    "quarantine": "无法读取",
}

ERRORS: dict[str, str] = {
    # the way there
    "network.offline": "连不上服务器 {url}。请检查网络；本机可以照常工作，联网后会自动同步。",
    "network.tls": "服务器 {url} 的证书无法验证，已停止连接。请向管理员确认地址；公司自己签发的证书要给出公司的 CA 证书文件。",
    "network.authority": "{file} 不是证书文件（PEM）。请向管理员要公司的 CA 证书。",
    "url.invalid": "“{url}”不是服务器地址。请填写类似 https://sync.example.com 的地址。",
    "url.insecure": "{url} 没有加密，口令和资料会被旁人看到。请使用 https:// 开头的地址。",
    "server.unknown": "{url} 上的不是售前管理服务器。请检查地址，或先登录所在网络。",
    "server.went_back": "服务器上的资料比本机旧，已停止同步。请联系管理员：服务器可能从备份恢复过。",
    "server.problem": "服务器无法完成（{problem}）。已保留全部修改，稍后会自动重试。",
    "server.too_new": "服务器版本较新，请先更新本程序。已保存的修改仍会上传。",
    # coming in
    "account.password_wrong": "用户名或密码不对。",
    "account.password_weak": "密码至少 {low} 个字符，不能是常见密码，也不能与用户名相同。",
    "account.password_same": "新密码不能与原来的相同。",
    "account.must_change": "这是管理员给的初始密码，请设一个自己的密码再登录。",
    "account.throttled": "尝试次数太多，请 {wait_s} 秒后再试。",
    "account.disabled": "此账号已停用，请联系管理员。",
    "account.unknown": "没有账号 {login}。",
    "account.login_taken": "用户名 {login} 已被使用。",
    "account.which_organisation": "有多家公司使用 {user}，请填写 用户名@公司代号。",
    "device.revoked": "这台设备已被停用。未上传的修改仍在本机，请联系管理员。",
    "device.key": "服务器不认识这台设备的密钥，请重新登录。",
    "device.unknown": "没有设备 {device}。",
    "device.no_escrow": "设备 {device} 没有托管的密钥。",
    "token.missing": "请先登录服务器。",
    "token.invalid": "登录已失效，请重新登录。",
    "token.expired": "登录已过期，请重新登录。",
    "token.reused": "这个工作区还在另一台电脑上使用过（被复制，或从映像恢复）。请重新登录：这台电脑会登记为新设备，未上传的修改都还在。如非本人操作，请修改密码。",
    "token.revoked": "登录已被注销，请重新登录。",
    "request.shape": "请求的格式不对：{detail}",
    "request.field": "字段 {field} 的值不对。",
    "request.too_large": "请求太大。",
    # connecting a workspace
    "sync.not_connected": "这个工作区没有连接服务器。请先登录：presales login URL USER",
    "sync.demo_workspace": "演示工作区不能连接公司服务器。请新建一个工作区再登录。",
    "sync.other_server": "这个工作区已连接 {url}（{login}），不能改连别处。请使用另一个工作区文件夹。",
    "sync.other_user": "这个工作区属于 {login}。换人使用请新建一个工作区文件夹，未上传的修改不会混在一起。",
    "sync.others_work": "这个工作区里有 {count} 位用户，不能并入公司服务器：没有人能替别人上传。没有上传任何内容。请另选一个空文件夹连接；这个工作区原样保留。",
    "sync.history": "这个工作区里有 {count} 条记录已经走过提交、审批、发送或结案（{kinds}），公司服务器没有经手，不能替它们作证。没有上传任何内容。请另选一个空文件夹连接；这个工作区原样保留，可以继续打开查阅。",
    "sync.inbox_unknown": "收件箱里没有 {id}。",
    "sync.choice_unknown": "不能“{choice}”，可用：{known}",
    "sync.mass_delete": "服务器要求删除本机 {count} 条记录（{kinds}），已暂停同步。确认无误后再继续。",
    # refusals of the server that any area may meet
    "sync.constraint": "服务器上已有相同的{label}，没有保存。",
    "sync.kind_unknown": "服务器不认识这种记录（{kind}），请更新程序。",
    "sync.schema": "服务器需要更新后才能接受这些修改，修改保留在本机。",
    "sync.signature": "签名与登记的设备不符，没有生效。",
    "sync.not_allowed": "您没有权限做这项修改。",
    # the server and its console
    "sync.commit_taken": "这次修改的编号已被别人使用，没有接受。",
    "sync.server_went_back": "服务器上的资料比本机旧，已停止同步。请联系管理员：服务器可能从备份恢复过。",
    "sync.busy": "服务器正忙，稍后会自动重试。",
    "sync.unavailable": "服务器的数据库暂时不可用，稍后会自动重试。",
    "sync.disk_full": "服务器 {url} 的磁盘已满，暂停接收。全部修改保留在本机，腾出空间后会自动上传；请通知管理员。",
    "sync.too_many": "一次上传的修改太多（上限 {limit}）。",
    "sync.protocol": "本程序与服务器的版本不匹配，请更新程序。",
    "sync.device": "服务器不认识这台设备，请重新登录。",
    "blob.size": "文件太大（上限 {limit} 字节）。",
    "blob.unknown": "服务器上没有这个文件。",
    "blob.not_ready": "文件还没有传完。",
    "blob.chunk": "文件的第 {chunk} 段传输有误，将重传。",
    "blob.damaged": "文件传输有误，将重新上传。",
    "blob.store": "服务器的附件存储不可用：{detail}",
    "server.organisation_exists": "公司代号 {slug} 已被使用。",
    "server.organisation_unknown": "没有代号为 {slug} 的公司。",
    "server.organisation_none": "还没有公司。先运行：presales-server org add NAME",
    "server.organisation_several": "有多家公司（{known}），请用 --org 指明。",
    "server.organisation_name": "代号 {slug} 不合适：以小写字母开头，只含小写字母、数字和下划线，最多 39 个字符。",
    "server.database_url": "数据库地址不对，应为 postgresql://用户:密码@主机/库。",
    "server.schema_newer": "数据库由更新的程序写过（{part} {revision}），请更新服务器程序。",
    "server.tls_pair": "--tls-cert 和 --tls-key 要一起给出。",
    "server.tls_files": "证书 {file} 和私钥不能使用：{reason}。请给出不带口令、互相匹配的 PEM 文件。",
    "server.plaintext": "{host} 能从网络访问，但没有加密。请给出 --tls-cert 和 --tls-key；在加密代理之后用 --behind-proxy；明知不安全仍要明文监听用 --plaintext-on-network。",
    "server.port": "不能监听端口 {port}：{reason}",
    "server.port_range": "{port} 不是端口号（0–65535）。",
    "server.attachments": "不能使用附件存储 {url}：{reason}",
    "server.unsound": "发现 {count} 处问题，见上表。",
    "server.backup_failed": "备份失败，原有备份不受影响：{reason}",
    "server.pg_dump_missing": "找不到 pg_dump。请安装 postgresql-client 后再备份。",
    "account.password_differs": "两次输入的密码不同。",
    "device.recovery_key": "{file} 不是这家公司的恢复密钥。",
}
