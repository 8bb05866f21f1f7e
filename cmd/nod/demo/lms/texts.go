package lms

import (
	"net/http"
	"strings"
)

// texts are those of the platform in one language.
type texts struct {
	Lang, Other, OtherLang, Title, Who, Mine, Note string
	Granted, NotGranted, Down, NoPhoto             string
	Taken, Refused                                 string
	Courses                                        map[string]course
	Learners                                       []learner
}

type course struct{ Path, Name, Text, Start string }
type learner struct{ ID, Name string }

var english = texts{
	Lang: "en", Other: "中文", OtherLang: "zh-CN", Title: "Example Learning",
	Who: "You are", Mine: "A photo of you to compare with",
	Note: "This is a demo platform on your machine. It keeps what it knows, your photo too, until Nod ends. Faces are " +
		"compared here, for development: not calibrated, and without a liveness test. To pass with your own camera, choose “me” and give a photo of yourself.",
	Granted: "You may go on: your identity is confirmed.", NotGranted: "Not confirmed yet. You can try again, or use the alternative.",
	Down: "Nod cannot be reached right now.", NoPhoto: "Please choose a photo of yourself first.",
	Taken: "It is there: you can start.", Refused: "This file cannot be used. Please choose a JPEG or PNG photo.",
	Courses: map[string]course{
		"exam":     {"exam", "Safety exam", "Twenty questions, thirty minutes. The result counts, so the exam asks who you are.", "Start the exam"},
		"training": {"training", "Safety training", "Four short lessons. To be credited with them, confirm who you are.", "Start the training"},
	},
	Learners: []learner{{"emp-1029", "Eileen Collins (photo on file)"}, {"emp-2044", "Grace Hopper (photo on file)"}, {"me", "me, with my own photo"}},
}

var chinese = texts{
	Lang: "zh-CN", Other: "English", OtherLang: "en", Title: "示例学习平台",
	Who: "您是", Mine: "用来比对的您的照片",
	Note:    "这是运行在您电脑上的演示平台。它知道的一切（包括您的照片）只保留到 Nod 结束。人脸就在这台电脑上比对，供开发使用：没有校准，也没有活体检测。想用自己的摄像头通过核验，请选“我自己”，并给一张您的照片。",
	Granted: "身份已确认，可以继续。", NotGranted: "还没有确认身份。您可以再试，也可以使用替代方式。",
	Down: "现在连不上 Nod。", NoPhoto: "请先选择一张您自己的照片。",
	Taken: "照片已收到，可以开始了。", Refused: "这个文件用不了，请选择一张 JPEG 或 PNG 格式的照片。",
	Courses: map[string]course{
		"exam":     {"exam", "安全考试", "二十道题，三十分钟。成绩要算在您本人名下，所以考试前要确认身份。", "开始考试"},
		"training": {"training", "安全培训", "四节短课。要记入学时，请先确认身份。", "开始培训"},
	},
	Learners: []learner{{"emp-1029", "艾琳·柯林斯（已有照片）"}, {"emp-2044", "格蕾丝·霍珀（已有照片）"}, {"me", "我自己，用我的照片"}},
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
