package notices

// english is how the notices are written in English.
var english = language{
	contact:     "Data protection officer of 【enterprise】. Email: 【email】. Phone: 【phone】. Address: 【address】.",
	title:       "{{.Of}}{{if .Guardian}} of under-18s{{end}}: notice and separate consent",
	summary:     "{{if .Guardian}}For the guardian of a learner under 18, and for learners of 15 to 17 themselves. {{end}}To {{.Aim}}, 【enterprise】 would like to {{.Short}}. What this takes is sent over the internet to Tencent Cloud; the checking service keeps none of it. You{{if .Guardian}} and the child{{end}} may agree or refuse. After a no, {{.Instead}}: free, and with no disadvantage.",
	agree:       "{{if .Guardian}}I am the child’s guardian, or the child and 15 to 17 years old. {{end}}I agree: to {{.AimMine}}, {{.SentMine}} are sent over the internet to " + tencent + " (Tencent Cloud), by the route “{{.Route}}”.",
	alternative: "{{.Do}} without this check: {{.Instead}}, in person or by video{{if .Guardian}}; a guardian may be there{{end}}. It is free, counts just the same and brings no disadvantage. Call 【phone】.",
	necessity:   "{{.Why}} A password or a text-message code can be handed to someone else and proves nothing of this. The check is not the only way: after a no, {{.Instead}}.",
	impact:      "This is sensitive personal information. If it leaked, someone might use it to pose as {{.Who}}{{if .Face}}, and a face cannot be changed{{end}}. So the checking service uses it only for the moment of the check and wipes it. A check can also be wrong and fail the right person. A program decides between pass and fail; after a fail it is possible to ask for the reasons, ask for a person to look at it, or use the alternative.",
	rights:      "Free of charge, you{{if .Guardian}} and the child{{end}} can see, copy, correct or delete the records about {{.Who}}, have them explained, complain, or ask for a person to review a result. Close relatives of someone who has died can ask for the same as the law provides. Use the page “My records” or write to the data protection officer; you will have an answer within fifteen days. Records that the law requires us to keep cannot be deleted early; until then their use is restricted. If the answer does not satisfy you, you can complain to the cyberspace administration or go to court. You can withdraw your consent at any time: on the page of the check, on “My records”, or with the link in the receipt, also after leaving the learning platform. Nobody has to approve it, and it works from the next request on.",
	body: `{{if .Guardian}}For you, if you are the child

{{.Child}} You can say no. Nobody will hold it against you, and there is another way. You can also change your mind later. If you are 14 or younger, a guardian decides, and you may still say no. If you are 15 to 17, you and a guardian both have to agree. If there is something you do not understand, ask your guardian.

{{end}}1. Who uses the information

【enterprise】 (“the company”) decides how the information is used and answers for it. For questions, turn to: {{.Contact}}{{if .Guardian}} The officer is also in charge of protecting minors’ information.{{end}} The company has entrusted 【operator of the checking service】 with running the checking service. This notice is for {{if .Guardian}}the guardian of a learner under 18 (“the child”); a child of 15 to 17 decides on it too{{else}}adults{{end}}.

2. What for, and how

One thing only: to {{.Aim}}. Nothing of it is used to track attendance, to judge anybody’s mood, health or behaviour, or to train software.

{{.How}} The company gets one answer: “pass”, “fail” or “not performed”, and no score.
{{if .Guardian}}
A child of 14 or under is checked only if a guardian agrees; a child of 15 to 17 only if both agree. Please decide on a phone or computer of your own. You are also asked what you are to the child and how the link reached you.
{{end}}
3. What information

{{.What}} Also {{.Whose}} ID on the learning platform, which links the result and is not sent to Tencent Cloud.

4. Discarded after use

{{.Gone}} Under the agreements, Tencent Cloud may use what it receives for this one check only, may not keep images or video afterwards, and may not use any of it for anything else.

5. What is recorded, and for how long

What remains is text: which version of this notice was seen, when it was agreed to, refused or withdrawn from, and the route, time and result of each check{{if .Guardian}}; also what you are to the child and how you were reached{{end}}. The records hold no name and no ID card number, only a random code. They are kept for 1096 days (three years) after the last decision or check; after that they cannot tell who it was. All data is processed and stored in mainland China.

6. How long the consent lasts

365 days. Before each check the page reminds of it and lets it be withdrawn on the spot. It ends earlier with a withdrawal, a change of this notice that matters, or the end of the delegation; then you are asked again when needed. Whatever changes, large or small, you are told.

7. Why it is needed

{{.Necessity}}

8. What it means

{{.Impact}} There are three attempts. Even a third fail is not final: ask for a person to look at it.

9. Who receives what

By the route “{{.Route}}”, {{.Sent}} are sent over the internet to ` + tencent + ` (Tencent Cloud). Contact: ` + itsContact + `. {{if .Register}}It asks the authority that keeps the ID card records. {{end}}Nobody else receives anything. The agreement’s reference and version are listed with this notice; without a delegation in force there is no check.

10. After a no

Both choices are equally easy. A refusal or a later withdrawal costs no fee and no exam time, and has no effect on marks, learning hours, certificates, hiring, appraisal or pay. For 48 hours nobody asks again for the same purpose; whoever changes their mind can say so on the page.

The alternative: {{.Alternative}}

11. Rights, and how to withdraw

{{.Rights}} Checks made before stay valid.

12. Help

For large print, to have this read out, or for help, call the number above. If it does not suit, go straight to the alternative.`,
	purposes: map[string]object{
		"training": {"Of": "Check for training", "Aim": "confirm that {{.Is}} the person taking the training", "Do": "The training can be taken", "Instead": "the training supervisor confirms who it is", "Why": "The training is taken online, where nobody can see who is at the screen, and courses such as safety training must be completed by {{.Who}} in person."},
		"exam":     {"Of": "Check for exams", "Aim": "confirm that {{.Is}} the person taking the exam", "Do": "The exam can be taken", "Instead": "exam staff check an ID document", "Why": "The exam is taken online, where nobody can see who is at the screen, and the result counts as {{.Whose}} own."},
		"realname": {"Of": "Real-name check", "Aim": "register {{.V}} by {{.Vs}} real name", "Do": "Registration is possible", "Instead": "staff check the ID card", "Why": "Learning hours and certificates are registered under {{.Whose}} real name; a wrong entry would give them to somebody else."},
	},
	routes: map[string]object{
		"photo": {
			"Route": "photo", "Short": "compare one picture of {{.Whose}} face, taken on the spot, with the reference photo it holds",
			"Child": "The company would like to know that it is really you. You take a picture of your face; a company called Tencent Cloud has a computer compare it with the picture on file, and it is wiped.",
			"Sent":  "{{.Vs}} face image, taken on the spot, and the reference photo that 【enterprise】 holds",
			"How":   "The page asks for the camera only after consent. One picture of the face is taken, made smaller on the device and passed on by the checking service to Tencent Cloud, which compares it with the reference photo that the company holds. There is no video and no liveness test.",
			"What":  "The face image and the reference photo; neither name nor ID card number.",
			"Gone":  "The checking service holds the face image in memory only for the moment of the check and wipes it as soon as there is an answer. It is never written to a disk, a database or a log. The reference photo stays with the company.",
		},
		"two_factor": {
			"Route": "name and ID number", "Short": "check {{.Whose}} name and ID card number, without a picture",
			"Child": "The company would like to register you by your real name. A company called Tencent Cloud looks up whether your name and ID card number belong together. No picture is taken.",
			"Sent":  "{{.Vs}} name and ID card number",
			"How":   "No picture is taken and no face is used. Name and ID card number come from the company or, if it has none, are typed on the page; the checking service sends them to Tencent Cloud, which asks the authority’s register whether they belong together.",
			"What":  "Name and ID card number. The date of birth in the number serves only to check the age group.",
			"Gone":  goneEnglish,
		},
		"authority": {
			"Route": "comparison with the authority’s photo", "Short": "compare one picture of {{.Whose}} face with the authority’s photo, by name and ID card number",
			"Child": "The company would like to know that it is really you. You take a picture of your face; a company called Tencent Cloud has it compared with your ID card photo, by your name and ID card number, and it is wiped.",
			"Sent":  "{{.Vs}} face image, taken on the spot, name and ID card number",
			"How":   "The page asks for the camera only after consent. One picture of the face is taken, made smaller on the device and sent on by the checking service, with name and ID card number, to Tencent Cloud, which has it compared with the photo that the authority holds. Neither the company nor the checking service sees that photo. There is no video and no liveness test.",
			"What":  "The face image, name and ID card number (from the company, or typed on the page). The date of birth in the number serves only to check the age group.",
			"Gone":  goneEnglish,
		},
		"hosted": {
			"Route": "liveness check on the service provider’s page", "Short": "have a short video of {{.Who}} taken on Tencent Cloud’s page and compared with the authority’s photo",
			"Child": "The company would like to know that it is really you. You go to a page of a company called Tencent Cloud, which takes a short video and compares it with your ID card photo. Your company never gets the video.",
			"Sent":  "{{.Vs}} name and ID card number, and the face image and short video that Tencent Cloud’s page takes,",
			"How":   "After consent the browser goes to Tencent Cloud’s own page. It films a short video to tell that a living person is there, and compares the face with the photo that the authority holds. The video goes straight to Tencent Cloud and never passes through the checking service. Name and ID card number come from the company.",
			"What":  "The face image and short video that Tencent Cloud’s page takes; name and ID card number, from the company. The date of birth in the number serves only to check the age group.",
			"Gone":  goneEnglish + " The video never reaches the checking service.",
		},
	},
	who: map[bool]object{
		false: {"Who": "you", "Whose": "your", "V": "you", "Vs": "your", "Is": "you are"},
		true:  {"Who": "the child", "Whose": "the child’s", "V": "the child", "Vs": "the child’s", "Is": "the child is"},
	},
	mine: map[bool]object{
		false: {"V": "me", "Vs": "my", "Is": "I am"},
		true:  {"V": "the child", "Vs": "the child’s", "Is": "the child is"},
	},
}

const goneEnglish = "The checking service holds what it receives in memory only for the moment of the check and wipes it as soon as there is an answer. It is never written to a disk, a database or a log. A name and number that the company supplies are kept encrypted within this one session and deleted when it ends."
