package lms

import (
	"net/http"
	"strings"
)

// texts are those of the platform in one language.
type texts struct {
	Lang, Other, OtherLang, Title, Who, Mine, Note string
	Records                                        string
	Granted, NotGranted, Down, NoPhoto             string
	Taken, Refused                                 string
	Courses                                        map[string]course
	Learners                                       []learner
	Guardian                                       guardianTexts
	RealName                                       realNameTexts
}

type course struct{ Path, Name, Text, Start string }
type learner struct{ ID, Name, AgeGroup string }

// paths are the courses in their order.
var paths = []string{"exam", "training", "realname"}

// guardianTexts are about the message that a guardian gets.
type guardianTexts struct{ Title, Text, Message, Link string }

// realNameTexts are those of the page where somebody is registered by their real name.
type realNameTexts struct {
	Name, Number, MadeUp, Route, Giver, NotHeld, Note string
	Routes, Givers                                    []choice
	Remarks                                           map[string]string // after the name, by subject
}

type choice struct{ Value, Name, Text string }

var english = texts{
	Lang: "en", Other: "中文", OtherLang: "zh-CN", Title: "Example Learning",
	Who: "You are", Mine: "A photo of you to compare with",
	Note: "This is a demo platform on your machine. It keeps what it knows, your photo too, until Nod ends. Faces are " +
		"compared here, for development: not calibrated, and without a liveness test. To pass with your own camera, choose “me” and give a photo of yourself.",
	Records: "My records at Nod",
	Granted: "You may go on: your identity is confirmed.", NotGranted: "Not confirmed yet. You can try again, or use the alternative.",
	Down: "Nod could not do that right now.", NoPhoto: "Please choose a photo of yourself first.",
	Taken: "It is there: you can start.", Refused: "This file cannot be used. Please choose a JPEG or PNG photo.",
	Courses: map[string]course{
		"exam":     {"exam", "Safety exam", "Twenty questions, thirty minutes. The result counts, so the exam asks who you are.", "Start the exam"},
		"training": {"training", "Safety training", "Four short lessons. To be credited with them, confirm who you are.", "Start the training"},
		"realname": {"realname", "Real-name registration", "Your certificates bear your real name. To be registered with it, have it checked once.", "Start the check"},
	},
	Learners: []learner{
		{"emp-1029", "Eileen Collins (photo on file)", "adult"}, {"emp-2044", "Grace Hopper (photo on file)", "adult"}, {"me", "me, with my own photo", "adult"},
		{"stu-3016", "a student of 16 (Collins’s photo)", "minor"}, {"stu-3012", "a student of 12 (Collins’s photo)", "child"},
	},
	Guardian: guardianTexts{
		"Message to the guardian",
		"A real platform sends this as a text message to the guardian’s own phone. Here it is shown to you: open the link, and you are the guardian.",
		"Example Learning: your child is about to start a check of their face. It needs your consent. Please read what it is about, and decide:",
		"open the guardian’s page",
	},
	RealName: realNameTexts{
		Name: "Name", Number: "ID number",
		MadeUp: "These people are made up. Their names and numbers belong to nobody; you can type them where Nod asks for them. Please do not type your own.",
		Route:  "How it is checked", Giver: "Who gives name and number",
		NotHeld: "The platform has no name and number of this person on file.",
		Note: "This is a demo platform on your machine. The authority is played by a register of made-up people on this machine, and so is the service provider’s page: " +
			"for development, not calibrated, and without a real liveness test. With your own face you pass as nobody; the page of the check leads to the alternative.",
		Routes: []choice{
			{"two_factor", "Name and ID number", "no face, no camera"},
			{"authority", "Comparison with the authority’s photo", "one picture of your face, with name and number"},
			{"hosted", "Liveness check on the service provider’s page", "you go there and come back; Nod sees no picture"},
		},
		Givers: []choice{
			{"platform", "The platform, from its file", "nothing has to be typed"},
			{"person", "The person", "on Nod’s page, or on the service provider’s"},
		},
		Remarks: map[string]string{
			"emp-1029": " (on file)", "emp-2044": " (on file)", "emp-3052": " (authority has no photo)",
			"emp-3053": " (authority’s photo too small)", "emp-3054": " (authority has no record)",
		},
	},
}

var chinese = texts{
	Lang: "zh-CN", Other: "English", OtherLang: "en", Title: "示例学习平台",
	Who: "您是", Mine: "用来比对的您的照片",
	Note:    "这是运行在您电脑上的演示平台。它知道的一切（包括您的照片）只保留到 Nod 结束。人脸就在这台电脑上比对，供开发使用：没有校准，也没有活体检测。想用自己的摄像头通过核验，请选“我自己”，并给一张您的照片。",
	Records: "Nod 保存了我的哪些信息",
	Granted: "身份已确认，可以继续。", NotGranted: "还没有确认身份。您可以再试，也可以使用替代方式。",
	Down: "Nod 暂时无法处理这个请求。", NoPhoto: "请先选择一张您自己的照片。",
	Taken: "照片已收到，可以开始了。", Refused: "这个文件用不了，请选择一张 JPEG 或 PNG 格式的照片。",
	Courses: map[string]course{
		"exam":     {"exam", "安全考试", "二十道题，三十分钟。成绩要算在您本人名下，所以考试前要确认身份。", "开始考试"},
		"training": {"training", "安全培训", "四节短课。要记入学时，请先确认身份。", "开始培训"},
		"realname": {"realname", "实名登记", "证书上写的是您的真实姓名。登记之前，需要核验一次。", "开始核验"},
	},
	Learners: []learner{
		{"emp-1029", "艾琳·柯林斯（已有照片）", "adult"}, {"emp-2044", "格蕾丝·霍珀（已有照片）", "adult"}, {"me", "我自己，用我的照片", "adult"},
		{"stu-3016", "16 岁的学生（用柯林斯的照片）", "minor"}, {"stu-3012", "12 岁的学生（用柯林斯的照片）", "child"},
	},
	Guardian: guardianTexts{
		"发给监护人的短信",
		"真实的平台会把它发到监护人自己的手机上。这里直接给您看：打开链接，您就是监护人。",
		"【示例学习】您的孩子要做一次人脸核验，需要您同意。请打开链接，看清楚再决定：",
		"打开监护人页面",
	},
	RealName: realNameTexts{
		Name: "姓名", Number: "身份证号",
		MadeUp: "这些人是虚构的，姓名和号码不属于任何人。Nod 的页面要您填写时，照着填就行；请不要填您自己的。",
		Route:  "核验途径", Giver: "姓名和身份证号由谁提供",
		NotHeld: "平台没有这个人的姓名和身份证号。",
		Note:    "这是运行在您电脑上的演示平台。“权威库”是这台电脑上的一份虚构名单，服务商的检测页也由这台电脑代替：供开发使用，没有校准，也没有真正的活体检测。用您自己的脸，和谁都对不上；核验页面会带您去替代方式。",
		Routes: []choice{
			{"two_factor", "姓名与证件号核对", "不用人脸，不用摄像头"},
			{"authority", "权威库比对", "拍一张脸部照片，连同姓名和号码"},
			{"hosted", "服务商活体检测页", "转到服务商的页面，做完再回来；Nod 看不到画面"},
		},
		Givers: []choice{
			{"platform", "平台提供，用平台登记的", "什么都不用填"},
			{"person", "本人填写", "在 Nod 的页面或者服务商的页面上"},
		},
		Remarks: map[string]string{
			"emp-1029": "（平台已登记）", "emp-2044": "（平台已登记）", "emp-3052": "（权威库没有照片）",
			"emp-3053": "（权威库照片太小）", "emp-3054": "（权威库没有记录）",
		},
	},
}

// textsFor are those in the person's language, which they may choose.
func textsFor(w http.ResponseWriter, r *http.Request) texts {
	lang := r.URL.Query().Get("lang")
	if lang != "" {
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", SameSite: http.SameSiteLaxMode, HttpOnly: true})
	} else if c, err := r.Cookie("lang"); err == nil {
		lang = c.Value
	} else {
		lang = r.Header.Get("Accept-Language")
	}
	if strings.HasPrefix(lang, "en") {
		return english
	}
	return chinese
}
