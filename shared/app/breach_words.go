package app

import (
	"fmt"
	"slices"
	"time"

	"nod/shared/domain"
)

// KeptAtRest is something that Nod keeps, in which form, and how much of it there was. Left
// is how many of them are there still, where they go by themselves.
type KeptAtRest struct {
	What  string       `json:"what"`
	Form  string       `json:"form"` // encrypted, or pseudonymous
	Count int          `json:"count"`
	Left  *int         `json:"left,omitempty"`
	Words domain.Texts `json:"words"`
}

// NeverKept is something that cannot have got out of Nod's storage, for it is not there.
type NeverKept struct {
	What  string       `json:"what"`
	Words domain.Texts `json:"words"`
}

// KindAtRisk is a kind of data: where it was, what harm it may do in wrong hands, and what
// the enterprise and the person can do.
type KindAtRisk struct {
	Kind       string       `json:"kind"`
	Where      domain.Texts `json:"where"`
	Harm       domain.Texts `json:"harm"`
	Enterprise domain.Texts `json:"enterprise_can"`
	Person     domain.Texts `json:"person_can"`
}

// summaryOf says it in one paragraph, in the enterprise's time.
func summaryOf(s domain.Scope) domain.Texts {
	zone, err := time.LoadLocation(s.Enterprise.Profile.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	from, to := s.From.In(zone).Format("2006-01-02 15:04:05"), s.To.In(zone).Format("2006-01-02 15:04:05")
	name := s.Enterprise.Profile.Name
	return inWords(
		fmt.Sprintf("从 %s 到 %s（%s 时间），%s有 %d 人的信息正在使用；到后一时刻为止，Nod 保存着 %d 人的记录。"+
			"如果只是这段时间里传输或处理中的信息受到影响，涉及前一个人数；如果数据库本身外泄，涉及后一个人数。",
			from, to, zone, name.In(domain.Chinese), s.Active, s.Held),
		fmt.Sprintf("From %s to %s (%s), data of %s of %s was in use. By the second instant Nod held records of %s. "+
			"Where only what was on its way or being processed in that time is affected, it is the first number; where the database itself got out, the second.",
			from, to, zone, persons(s.Active), name.In(domain.English), persons(s.Held)))
}

func persons(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func atRest(r domain.AtRest) []KeptAtRest {
	const encrypted, pseudonymous = "encrypted", "pseudonymous"
	return []KeptAtRest{
		{What: "platform_ids", Form: encrypted, Count: r.Subjects, Words: inWords(
			"学习平台给每个人的编号：加密保存，另有一个带密钥的索引。没有数据密钥和索引密钥，无法知道是谁。",
			"The ids by which the learning platform knows people: encrypted, beside a keyed index. Without the data key and the index key nobody can tell who they are.")},
		{What: "references", Form: encrypted, Count: r.References, Left: &r.ReferencesLeft, Words: inWords(
			"用来比对的资料（照片地址，或姓名和证件号码）：用每次核验自己的密钥加密，核验结束即删除。count 是这段时间里可能有过这种资料的核验数，left 是现在仍然留有的。",
			"What people are compared with (the address of a photo, or name and ID number): encrypted under a key of the session's own and deleted at its end. count is the sessions that may have held one in this time, left those that still do.")},
		{What: "consents", Form: pseudonymous, Count: r.Consents, Words: inWords(
			"决定：同意、不同意、撤回，何时、对哪一版告知。只写假名；能证明是谁的盐值加密保存。",
			"Decisions: granted, refused, withdrawn, when, and on which version of the notice. By pseudonym; the salts that could prove whose they are are encrypted.")},
		{What: "sessions", Form: pseudonymous, Count: r.Sessions, Words: inWords(
			"学习平台开启的核验：目的、途径、结果，以及平台自己写入的资源名、编号和返回地址。只写假名；链接和令牌只存哈希。",
			"Sessions that the platform opened: purpose, route, result, and the resource, reference and return address that the platform wrote itself. By pseudonym; of codes and tokens there are hashes alone.")},
		{What: "records", Form: pseudonymous, Count: r.Records, Words: inWords(
			"不能更改的记录：编号、代码、哈希和假名，没有姓名，没有自由文字。",
			"Records that cannot be changed: ids, words out of short lists, hashes and pseudonyms. No name and no free text.")},
		{What: "requests", Form: encrypted, Count: r.Requests, Words: inWords(
			"人们提出的要求和企业的答复：文字加密保存；类别和时间可读，只写假名。",
			"What people asked for and how they were answered: the texts are encrypted; kind and times can be read, by pseudonym.")},
		{What: "proofs", Form: encrypted, Count: r.Proofs, Words: inWords(
			"近亲属交来的证明文件：加密保存。",
			"Files by which near relatives showed their standing: encrypted.")},
		{What: "answers", Form: encrypted, Count: r.Answers, Words: inWords(
			"为可以安全重发的请求保留的答复，其中可能有链接和凭证：加密保存，一天后删除。这里只数现在还在的。",
			"Answers kept so that a call can be repeated safely, links and receipts among them: encrypted, and deleted after a day. Counted are those that are still there.")},
	}
}

var neverKept = []NeverKept{
	{"face_images", inWords(
		"人脸照片和特征值：从不写入磁盘、数据库或日志，得到答复后立即从内存清除。",
		"Pictures of faces and templates: never written to disk, database or log, and wiped from memory after the answer.")},
	{"liveness_videos", inWords(
		"活体检测的视频：只在服务商自己的页面上，Nod 看不到。",
		"Videos of a liveness test: they are on the vendor's own page, and Nod does not see them.")},
	{"scores", inWords(
		"比对分数：没有。只有通过、未通过、未进行。",
		"Scores: none. There is pass, fail, or not performed.")},
	{"names_and_numbers", inWords(
		"核验结束以后的姓名和证件号码：没有。",
		"Names and ID numbers after the end of a check: none.")},
}

// atRisk is about the kinds that were in use, and what is kept in any case.
func atRisk(list []RouteInUse) (out []KindAtRisk) {
	used := []string{"subject_id", decisions, wishes}
	for _, u := range list {
		used = withEach(used, u.DataKinds)
	}
	for _, k := range kindsAtRisk {
		if slices.Contains(used, k.Kind) {
			out = append(out, k)
		}
	}
	return out
}

// What is kept beside the kinds of data that a notice names.
const (
	decisions = "decisions"
	wishes    = "requests"
)

// kindsAtRisk has every kind of domain.DataKinds, the gravest first.
var kindsAtRisk = []KindAtRisk{
	{"face_image",
		inWords("只在比对的那一刻经过内存，并发送给告知写明的接收方；从不保存。只有当时正在核验的人可能受影响。",
			"In memory for one comparison, and sent to the recipient that the notice names; never kept. Only those who were being checked at the time can be affected."),
		inWords("人脸无法更换。照片可能被用来冒充本人通过别处的人脸核验，或者被用来合成虚假影像。",
			"A face cannot be changed. A picture may be used to pass face checks elsewhere, or to make false pictures and videos."),
		inWords("立即关闭人脸服务（PUT /v1/settings），改用替代方式；向接收方核实其是否留存；通知当时正在核验的人。",
			"Switch the face service off at once (PUT /v1/settings) and use the alternative; ask the recipient what it kept; tell those who were being checked."),
		inWords("留意以自己名义进行的登录和交易；在支付、银行等应用里改用别的验证方式；发现冒用及时报警。",
			"Watch for sign-ins and payments in your name; use another way of signing in where money is involved; report misuse to the police.")},
	{"liveness_video",
		inWords("在服务商的页面上拍摄，只在服务商那里。",
			"Filmed on the vendor's page, and there alone."),
		inWords("与人脸照片相同，而且更容易骗过活体检测。",
			"As with a picture of the face, and better at deceiving liveness tests."),
		inWords("向服务商核实；在查清以前关闭这种途径。",
			"Ask the vendor; close this route until it is clear what happened."),
		inWords("与人脸照片相同。",
			"As with a picture of the face.")},
	{"id_number",
		inWords("只在一次核验期间，用那次核验自己的密钥加密保存，并发送给接收方；核验结束即删除。",
			"Only while a session lasts, encrypted under a key of its own, and sent to the recipient; deleted at its end."),
		inWords("可能被用来冒名开户、贷款、注册账号，或者与其他泄露的资料拼在一起。",
			"It may be used to open accounts or take loans in somebody's name, or be put together with what got out elsewhere."),
		inWords("更换数据密钥；停用受影响的接口密钥；通知当时有核验在进行的人。",
			"Change the data key; revoke the API keys concerned; tell those who had a session at the time."),
		inWords("警惕自称银行、公安或客服的来电；可以查询名下的手机号、账户和征信记录。",
			"Be wary of calls that claim to come from a bank, the police or a service desk; look up which phone numbers, accounts and loans are in your name.")},
	{"name",
		inWords("与证件号码一起，只在一次核验期间加密保存；核验结束即删除。",
			"Beside the ID number, encrypted, and only while a session lasts; deleted at its end."),
		inWords("单独的危害较小；与证件号码或照片一起，会使诈骗更可信。",
			"Little by itself; with an ID number or a picture it makes fraud more believable."),
		inWords("与证件号码相同。",
			"As with the ID number."),
		inWords("警惕能叫出您姓名的陌生来电和短信。",
			"Be wary of strangers who call or write and know your name.")},
	{"reference_photo",
		inWords("Nod 只在一次核验期间加密保存照片的地址；照片本身在企业那里，由人脸服务直接读取。",
			"Nod keeps its address, encrypted, while a session lasts. The photo itself is with the enterprise, where the face service fetches it."),
		inWords("如果地址不需要登录就能打开，得到地址的人就能看到照片，危害与人脸照片相同。",
			"If the address opens without signing in, whoever has it sees the photo; the harm is then that of a picture of the face."),
		inWords("使照片的旧地址失效，改用短时有效的签名地址；检查照片库的访问记录。",
			"Make the old addresses invalid and use signed ones that last minutes; look at who has read the library of photos."),
		inWords("与人脸照片相同。",
			"As with a picture of the face.")},
	{"subject_id",
		inWords("加密保存。只有数据密钥也一起泄露，才能读出。",
			"Kept encrypted. It can be read only if the data key got out too."),
		inWords("能说明谁在何时参加过什么核验；编号若是工号或手机号，可能被用来骚扰或诈骗。",
			"It tells who took which check when; where it is a staff or phone number it may serve to pester or deceive people."),
		inWords("更换数据密钥和索引密钥；考虑给平台的编号换号。",
			"Change the data key and the index key; think about giving people new ids on the platform."),
		inWords("警惕借核验、考试之名索要信息的人。",
			"Be wary of anybody who asks for information in the name of a check or an exam.")},
	{decisions,
		inWords("以假名保存：同意、不同意、撤回，核验的时间和结果。",
			"Kept by pseudonym: what was agreed to, refused and withdrawn, and when a check was made and how it ended."),
		inWords("若同时知道假名是谁，会显示某人拒绝过人脸核验或没有通过，可能招致不公平的对待。",
			"To somebody who also knows who a pseudonym is it shows that a person refused or failed, which might be held against them."),
		inWords("确认任何人不因拒绝、撤回或未通过而受影响；核对记录的完整性（导出后离线验证）。",
			"Make sure that nobody suffers for having refused, withdrawn or failed; verify the log offline from an export."),
		inWords("可以在自己的页面查看和撤回同意；受到不公平对待时提出投诉。",
			"See and withdraw your consents on your own page; complain if you are treated unfairly.")},
	{wishes,
		inWords("文字和文件加密保存；类别和时间以假名保存。",
			"Texts and files are encrypted; kind and times are kept by pseudonym."),
		inWords("人们写下的内容可能包含个人经历；亲属的证明文件可能包含证件信息。",
			"What people wrote may tell of their lives; relatives' files may show identity papers."),
		inWords("更换数据密钥；通知提出过要求的人。",
			"Change the data key; tell those who asked for something."),
		inWords("警惕提到您曾提出的要求的来电。",
			"Be wary of calls that mention what you asked for.")},
}
