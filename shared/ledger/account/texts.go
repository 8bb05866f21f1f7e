package account

// texts are what the report says in one language. Each is written in it, not translated.
// Those with % are formats, whose arguments are the same in each.
type texts struct {
	lang, eyebrow, title, lead string
	scripted, withSubjects     string

	enterprise, log, checkpoint, checkpointIs string
	rangeOf, rangeIs, rangeEmpty              string
	time, timeIs, open, comma                 string
	filter, filterTime, filterPurposes        string
	filterSubject, filterNone, leftOut        string

	reconciled, reconciledIs       string
	findings                       [6]string
	mustBe, mayBe                  string
	recordIs, more, startedEarlier string
	total, totalNote               string
	groups                         [4]string
	kinds                          [counted]string
	over, clock                    string
	units                          [4]string
	each, purposeName              string
	purposes, audiences, locales   map[string]string
	noticesName, noticeIs, inForce string
	delegationsName, delegationIs  string
	recorded, revoked              string
	reliedOn, hash, file, none     string
	proves, provesNot              string
	provesThat, provesNotThat      []string
	verifyName, verifyBy, command  string
	verifyKey, verifyOwn           string
}

var languages = []*texts{&chinese, &english}

var chinese = texts{
	lang: "zh-CN", eyebrow: "Nod 合规导出", title: "人脸核验同意报告",
	lead:     "本报告中的每个数字都由文件包里的日志原文得出。核验程序会重新推导本报告，并逐字节比对。报告里没有姓名、证件号码、图像和分数。",
	scripted: "测试企业：%v 条记录的核验结果是预先编排的，没有比对过任何人的脸。",

	enterprise: "企业编号", log: "日志", checkpoint: "检查点", checkpointIs: "签名覆盖 %v 条记录，根为 <code>%v</code>",
	rangeOf: "范围", rangeIs: "日志第 %v 至 %v 位，本包收入 %v 条", rangeEmpty: "范围内没有记录",
	time: "记录时间", timeIs: "%v 至 %v（北京时间）", open: "不限", comma: "、",
	filter: "筛选条件", filterTime: "%v 起，%v 前（北京时间）", filterPurposes: "目的：%v",
	filterSubject: "只含一人，化名 <code>%v</code>", filterNone: "无，整份日志", leftOut: "范围内另有 %v 条记录不符合条件，未收入本包",
	withSubjects: "表格的最后一列是平台里的人员编号，日志不证明这一列",

	reconciled: "对账", reconciledIs: "共有 %v 次核验开始，%v 次有结果。每次核验都与它所依据的同意、告知和委托逐一核对：",
	findings: [6]string{
		"次核验开始时没有有效的同意", "次核验在同意结束之后才开始（已撤回、拒绝、被新的决定取代或失效）", "次核验依据的告知已有实质变更",
		"次核验在委托撤销之后才开始", "个结果找不到对应的开始，或与开始不符", "次核验在本包中没有结果",
	},
	mustBe: "应当为 0", mayBe: "导出时仍在进行，或结果不在本包的范围内。这不是过错",
	recordIs: "第 %v 位，记录 <code>%v</code>", more: "另有 %v 条，运行核验程序可以得到总数；全部记录见 records.ndjson。",
	startedEarlier: "另有 %v 个结果，其核验在范围之前就已开始，所依据的同意在本包中。",

	total: "总数", totalNote: "同意按决定计数：同一人可以多次作出决定。核验按结果计数；“未能比对”和“结果不明”既不是通过，也不是未通过。",
	groups: [4]string{"同意", "核验", "替代方式", "个人请求"},
	kinds:  [counted]string{"同意", "拒绝", "撤回", "失效", "通过", "未通过", "未能比对", "结果不明", "开始", "通过", "未通过", "提出", "答复"},
	over:   "随时间的变化", clock: "按北京时间（UTC+8）划分；星期从周一算起。", units: [4]string{"每天", "每周", "每月", "每年"},
	each: "按目的", purposeName: "目的",
	purposes:  map[string]string{"": "未指明", "training": "培训", "exam": "考试", "realname": "实名"},
	audiences: map[string]string{"": "对象不详", "adult": "成年人", "guardian": "监护人"},
	locales:   map[string]string{"zh-CN": "中文", "en": "英文"},

	noticesName: "核验所依据的告知", noticeIs: "%v，面向%v，第 %v 版，%v", inForce: "生效于",
	delegationsName: "核验所依据的委托", delegationIs: "委托记录，第 %v 版", recorded: "记录于", revoked: "撤销于",
	reliedOn: "%v 次核验依据它开始", hash: "SHA-256", file: "原件", none: "本包中没有开始的核验。",

	proves: "它证明什么",
	provesThat: []string{
		"每一条记录都是签名日志中该位置上的原文，改动、增添、删除一条都会被发现。",
		"上面的数字由这些记录得出；列出的每份告知和委托，原件都在包内，并与记录中的哈希一致。",
		"每次核验开始时，日志中是否已有同一个人、同一目的、覆盖该方式且未结束的同意。",
	},
	provesNot: "它不证明什么",
	provesNotThat: []string{
		"按下“同意”的是谁的手指。日志证明的是系统被告知了什么、在什么时候。",
		"范围之外发生的事：不在包里的撤回，这里看不到。设有目的或个人筛选时，只能证明其余记录被略去，不能证明略去的与此无关。",
		"时间窗里再没有别的记录。时间窗是导出者说的；得到证明的是范围内的位置。只有包含全部日志的文件包才能证明窗内没有遗漏。",
		"记录的时间与真实时间一致。时间取自数据库的时钟；若检查点另有时间戳，则以时间戳为准。",
	},
	verifyName: "怎样核验", verifyBy: "核验不需要网络，也不需要相信导出者。在任何一台电脑上运行：", command: `nod verify-export 文件包.zip --key "公钥"`,
	verifyKey: "公钥要用您从别处得到的那一个，例如合同或企业合规负责人提供的；不要用包里 proof/keys 的，它只供对照。如果以前保存过检查点，请加上 --checkpoint 文件。",
	verifyOwn: "退出码 0 表示全部成立。想自己写核验程序，请看 Nod 文档 docs/verify.md；本报告的文件名是 report.html，它的哈希在 manifest.json 里。",
}

var english = texts{
	lang: "en", eyebrow: "Nod compliance export", title: "Report on consents to face checks",
	lead:     "Every figure in this report follows from the lines of the log in this bundle. The verifier derives the report again and compares it byte by byte. There is no name, ID number, image or score in it.",
	scripted: "A test enterprise: the outcomes in %v records were chosen beforehand. Nobody's face was compared.",

	enterprise: "Enterprise", log: "Log", checkpoint: "Checkpoint", checkpointIs: "signed over %v records, root <code>%v</code>",
	rangeOf: "Range", rangeIs: "places %v to %v of the log; %v records are in this bundle", rangeEmpty: "no record is in the range",
	time: "Records from", timeIs: "%v to %v (China, UTC+8)", open: "any time", comma: ", ",
	filter: "Filter", filterTime: "from %v, before %v (China, UTC+8)", filterPurposes: "purposes: %v",
	filterSubject: "one person, pseudonym <code>%v</code>", filterNone: "none: the whole log", leftOut: "%v further records in the range do not match and were left out",
	withSubjects: "the last column of the tables is the platform's id of the person, which the log does not prove",

	reconciled: "Reconciliation", reconciledIs: "%v checks began and %v came to an outcome. Each was held against the consent, the notice and the delegation that it relied on:",
	findings: [6]string{
		"checks began without a valid consent", "checks began after the consent had ended (withdrawn, refused, replaced or lapsed)",
		"checks began on a notice that had changed materially", "checks began under a delegation that had been revoked",
		"outcomes have no beginning, or do not match it", "checks have no outcome in this bundle",
	},
	mustBe: "must be 0", mayBe: "Under way when the bundle was made, or the outcome lies outside of its range. This is no fault",
	recordIs: "place %v, Record <code>%v</code>", more: "and %v more. All Records are in records.ndjson.",
	startedEarlier: "%v further outcomes are of checks that began before the range; the consents they rest on are in the bundle.",

	total: "Totals", totalNote: "Consents are counted by decision: one person can decide several times. Checks are counted by outcome; “not performed” and “unknown” are neither a pass nor a fail.",
	groups: [4]string{"Consents", "Checks", "Alternatives", "Requests"},
	kinds: [counted]string{"granted", "refused", "withdrawn", "lapsed", "passed", "failed", "not performed", "unknown", "started", "passed", "failed",
		"opened", "resolved"},
	over: "Over time", clock: "Days are those of China (UTC+8); weeks begin on Monday.", units: [4]string{"per day", "per week", "per month", "per year"},
	each: "By purpose", purposeName: "Purpose",
	purposes:  map[string]string{"": "none", "training": "training", "exam": "exam", "realname": "real name"},
	audiences: map[string]string{"": "unknown readers", "adult": "adults", "guardian": "guardians"},
	locales:   map[string]string{"zh-CN": "Chinese", "en": "English"},

	noticesName: "Notices that checks relied on", noticeIs: "Notice on %v, for %v, version %v, %v", inForce: "In force since",
	delegationsName: "Delegations that checks relied on", delegationIs: "Delegation, version %v", recorded: "Recorded", revoked: "Revoked",
	reliedOn: "%v checks began on it", hash: "SHA-256", file: "Original", none: "No check began in this bundle.",

	proves: "What it proves",
	provesThat: []string{
		"Each Record is, byte for byte, the one at its place of the signed log. One that was changed, put in or taken out would be found.",
		"The figures above follow from these Records. The original of every notice and delegation listed is in the bundle and has the hash that the Records name.",
		"Whether the log held, when each check began, a consent of the same person to the same purpose that covered the way of checking and had not ended.",
	},
	provesNot: "What it does not prove",
	provesNotThat: []string{
		"Whose finger pressed “agree”. The log proves what the system was told, and when.",
		"What happened outside of the range: a withdrawal that is not in the bundle cannot be seen here. With a filter by purpose or person, it is proven that other Records were left out, not that they have no bearing.",
		"That the window of time holds no other Record. The window is the exporter's word; what is proven are the places of the range. Only a bundle of the whole log proves that none of the window is missing.",
		"That the times are true. They are those of the database's clock; where the checkpoint carries a timestamp, that one counts.",
	},
	verifyName: "How to verify", verifyBy: "It takes no network, and no trust in whoever exported it. On any computer:", command: `nod verify-export BUNDLE.zip --key "KEY"`,
	verifyKey: "Take a key that you were told in another way, from the contract or from the enterprise's compliance officer; not the one in proof/keys, which is there to be compared. If you kept a checkpoint, add --checkpoint FILE.",
	verifyOwn: "Exit status 0 says that everything holds. To write a verifier of your own, see docs/verify.md of Nod. This report is report.html in the bundle; manifest.json has its hash.",
}
