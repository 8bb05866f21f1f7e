// 给孩子看的页面文字。
const fine = { title: '没关系', text: '到这里就停了，没有人可以怪你。告诉一位大人吧，还有别的办法。' }

export default {
  child: {
    title: '要先问问大人', what: '要确认这真的是你。会给你的脸拍一张照片，和你的另一张照片比一比，比完就删掉。',
    who: '爸爸、妈妈或者照顾你的大人会先看一看说明，再决定可不可以。他们会收到自己的链接。',
    wait: '正在等他们决定，这个页面会自动继续。', no: '我不想这样做', withdraw: '我不想这样做',
    fine,
    agreed: at => `你的监护人在 ${at} 同意了。`,
    guardianRefused: { title: '监护人没有同意', text: '现在什么都不会发生。还有别的办法，大人会帮你。' },
    consented: { title: '监护人同意了', text: '现在你什么都不用做。' },
    withdrawn: fine,
  },
}
