<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
  <context>
    <name>AboutPage</name>
    <message>
      <source>RoI Assistant {}</source>
      <translation>RoI Assistant {}</translation>
    </message>
    <message>
      <source>About RoI Assistant</source>
      <translation>关于 RoI Assistant</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Program</source>
      <translation>程序</translation>
    </message>
    <message>
      <source>Files</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>The program is under the Apache License 2.0. The weights of the embedded model are for research and education, not for commercial use. PyQt6 is under the GPL. The sample photos are in the public domain or CC0.</source>
      <translation>本程序采用 Apache License 2.0 许可。内置模型的权重仅供研究和教育使用，不得用于商业用途。PyQt6 采用 GPL 许可。示例照片属于公有领域或 CC0。</translation>
    </message>
    <message>
      <source>Copy for a report</source>
      <translation>复制以便报告问题</translation>
    </message>
    <message>
      <source>Copy these facts to the clipboard</source>
      <translation>将这些信息复制到剪贴板</translation>
    </message>
    <message>
      <source>If something does not work, run: roi-assistant doctor</source>
      <translation>如果有什么不正常，请运行：roi-assistant doctor</translation>
    </message>
    <message>
      <source>Chosen</source>
      <translation>已选择</translation>
    </message>
    <message>
      <source>Loaded</source>
      <translation>已加载</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>设备</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>精度</translation>
    </message>
    <message>
      <source>Weights (sha256)</source>
      <translation>权重（sha256）</translation>
    </message>
    <message>
      <source>Can do</source>
      <translation>能力</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>提示</translation>
    </message>
    <message>
      <source>State</source>
      <translation>状态</translation>
    </message>
    <message>
      <source>not installed; not needed</source>
      <translation>未安装；不需要</translation>
    </message>
    <message>
      <source>Project</source>
      <translation>项目</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Plugins and models</source>
      <translation>插件和模型</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>日志</translation>
    </message>
    <message>
      <source>Draw a box on a photo, and a model that runs on this computer writes its caption and attributes. Nothing leaves the computer, unless you add a server on another one.</source>
      <translation>在照片上画一个框，由本机运行的模型写出它的描述和属性。除非您添加了另一台计算机上的服务器，否则任何内容都不会离开本机。</translation>
    </message>
  </context>
  <context>
    <name>Actions</name>
    <message>
      <source>&amp;File</source>
      <translation>文件(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation>编辑(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>视图(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Go</source>
      <translation>转到(&amp;G)</translation>
    </message>
    <message>
      <source>&amp;Region</source>
      <translation>区域(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Project</source>
      <translation>项目(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>帮助(&amp;H)</translation>
    </message>
    <message>
      <source>Choose alternative {}</source>
      <translation>选择备选 {}</translation>
    </message>
    <message>
      <source>&amp;Open folder…</source>
      <translation>打开文件夹(&amp;O)…</translation>
    </message>
    <message>
      <source>Open the &amp;sample photos</source>
      <translation>打开示例照片(&amp;S)</translation>
    </message>
    <message>
      <source>Look for &amp;new images</source>
      <translation>查找新图像(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;Export…</source>
      <translation>导出(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;Close folder</source>
      <translation>关闭文件夹(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>退出(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>撤销(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation>重做(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Copy regions</source>
      <translation>复制区域(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Paste regions</source>
      <translation>粘贴区域(&amp;P)</translation>
    </message>
    <message>
      <source>Copy boxes from the pre&amp;vious image</source>
      <translation>从上一张图像复制框(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Delete regions</source>
      <translation>删除区域(&amp;D)</translation>
    </message>
    <message>
      <source>Select &amp;all regions</source>
      <translation>选择所有区域(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Settings</source>
      <translation>设置(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Labels</source>
      <translation>标签(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Snap to edges</source>
      <translation>吸附到边缘(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Crosshair</source>
      <translation>十字线(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Fit the image</source>
      <translation>适应窗口(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Actual size</source>
      <translation>实际大小(&amp;A)</translation>
    </message>
    <message>
      <source>Zoom &amp;in</source>
      <translation>放大(&amp;I)</translation>
    </message>
    <message>
      <source>Zoom &amp;out</source>
      <translation>缩小(&amp;O)</translation>
    </message>
    <message>
      <source>&amp;Zoom to the region</source>
      <translation>缩放到区域(&amp;Z)</translation>
    </message>
    <message>
      <source>F&amp;ull screen</source>
      <translation>全屏(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Next image</source>
      <translation>下一张图像(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;Previous image</source>
      <translation>上一张图像(&amp;P)</translation>
    </message>
    <message>
      <source>Next &amp;region</source>
      <translation>下一个区域(&amp;R)</translation>
    </message>
    <message>
      <source>Previous r&amp;egion</source>
      <translation>上一个区域(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Search images</source>
      <translation>搜索图像(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Images and regions</source>
      <translation>图像和区域(&amp;I)</translation>
    </message>
    <message>
      <source>&amp;Command palette</source>
      <translation>命令面板(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Draw boxes</source>
      <translation>画框(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Select and move</source>
      <translation>选择和移动(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Accept</source>
      <translation>接受(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Edit the caption</source>
      <translation>编辑描述(&amp;E)</translation>
    </message>
    <message>
      <source>Edit the ca&amp;tegory</source>
      <translation>编辑类别(&amp;T)</translation>
    </message>
    <message>
      <source>Re&amp;ject</source>
      <translation>拒绝(&amp;J)</translation>
    </message>
    <message>
      <source>&amp;Back to review</source>
      <translation>退回审核(&amp;B)</translation>
    </message>
    <message>
      <source>Describe a&amp;gain</source>
      <translation>重新描述(&amp;G)</translation>
    </message>
    <message>
      <source>As&amp;k about the regions</source>
      <translation>就区域提问(&amp;K)</translation>
    </message>
    <message>
      <source>&amp;Lock or unlock</source>
      <translation>锁定或解锁(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Review queue</source>
      <translation>审核队列(&amp;R)</translation>
    </message>
    <message>
      <source>Caption &amp;all boxes…</source>
      <translation>描述所有框(&amp;A)…</translation>
    </message>
    <message>
      <source>&amp;Overview</source>
      <translation>概览(&amp;O)</translation>
    </message>
    <message>
      <source>A&amp;ttributes…</source>
      <translation>属性(&amp;T)…</translation>
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
      <source>Open the &amp;log folder</source>
      <translation>打开日志文件夹(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;About RoI Assistant</source>
      <translation>关于 RoI Assistant(&amp;A)</translation>
    </message>
    <message>
      <source>Hold and drag: move the image</source>
      <translation>按住并拖动：移动图像</translation>
    </message>
    <message>
      <source>Zoom at the pointer</source>
      <translation>以指针为中心缩放</translation>
    </message>
    <message>
      <source>Move the selected boxes by a pixel; with Shift by ten</source>
      <translation>将所选框移动一个像素；按住 Shift 移动十个</translation>
    </message>
    <message>
      <source>Make the selected boxes larger or smaller</source>
      <translation>放大或缩小所选框</translation>
    </message>
    <message>
      <source>On the image</source>
      <translation>图像上</translation>
    </message>
    <message>
      <source>Choose an alternative</source>
      <translation>选择备选</translation>
    </message>
    <message>
      <source>&amp;Import annotations…</source>
      <translation>导入标注(&amp;I)…</translation>
    </message>
    <message>
      <source>&amp;Note on the image</source>
      <translation>图像备注(&amp;N)</translation>
    </message>
    <message>
      <source>Not&amp;hing here</source>
      <translation>此处无目标(&amp;H)</translation>
    </message>
    <message>
      <source>S&amp;ort and group images…</source>
      <translation>图像排序与分组(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Jump to image…</source>
      <translation>跳转到图像(&amp;J)…</translation>
    </message>
    <message>
      <source>&amp;Keep boxes on the next image</source>
      <translation>在下一张图像上保留框(&amp;K)</translation>
    </message>
    <message>
      <source>Copy the file na&amp;me</source>
      <translation>复制文件名(&amp;M)</translation>
    </message>
    <message>
      <source>Copy the file &amp;path</source>
      <translation>复制文件路径(&amp;P)</translation>
    </message>
    <message>
      <source>Show in the file mana&amp;ger</source>
      <translation>在文件管理器中显示(&amp;G)</translation>
    </message>
    <message>
      <source>Copy boxes and &amp;words from the previous image</source>
      <translation>从上一张图像复制框和文字(&amp;W)</translation>
    </message>
    <message>
      <source>Select &amp;no region</source>
      <translation>不选择任何区域(&amp;N)</translation>
    </message>
    <message>
      <source>Attribute &amp;values</source>
      <translation>属性值(&amp;V)</translation>
    </message>
    <message>
      <source>Color &amp;by category</source>
      <translation>按类别着色(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Brightness, contrast, boxes…</source>
      <translation>亮度、对比度与框(&amp;B)…</translation>
    </message>
    <message>
      <source>&amp;Reset brightness and contrast</source>
      <translation>还原亮度和对比度(&amp;R)</translation>
    </message>
    <message>
      <source>Next &amp;field</source>
      <translation>下一个控件(&amp;F)</translation>
    </message>
    <message>
      <source>Previous fie&amp;ld</source>
      <translation>上一个控件(&amp;L)</translation>
    </message>
    <message>
      <source>C&amp;ategories</source>
      <translation>类别(&amp;A)</translation>
    </message>
    <message>
      <source>Next boxes: category {}</source>
      <translation>后续方框：类别 {}</translation>
    </message>
    <message>
      <source>Descr&amp;ibe all regions of the image</source>
      <translation>描述此图像的所有区域(&amp;I)</translation>
    </message>
    <message>
      <source>Accept all s&amp;uggestions of the image</source>
      <translation>接受此图像的所有建议(&amp;U)</translation>
    </message>
    <message>
      <source>Delete all regions &amp;of the image</source>
      <translation>删除此图像的所有区域(&amp;O)</translation>
    </message>
    <message>
      <source>C&amp;rops of a category</source>
      <translation>类别裁剪图(&amp;R)</translation>
    </message>
    <message>
      <source>Category of the next boxes</source>
      <translation>后续方框的类别</translation>
    </message>
    <message>
      <source>Learn fro&amp;m what I accept</source>
      <translation>从我接受的内容中学习(&amp;M)</translation>
    </message>
    <message>
      <source>Suggest bo&amp;xes</source>
      <translation>建议框(&amp;X)</translation>
    </message>
    <message>
      <source>La&amp;rger box</source>
      <translation>更大的框(&amp;R)</translation>
    </message>
    <message>
      <source>With the tool that draws: box the object at the pointer</source>
      <translation>用画框工具：框出指针处的物体</translation>
    </message>
    <message>
      <source>Learn from another pro&amp;ject…</source>
      <translation>从另一个项目学习(&amp;J)…</translation>
    </message>
    <message>
      <source>Appl&amp;y to look-alikes…</source>
      <translation>应用到相似区域(&amp;Y)…</translation>
    </message>
    <message>
      <source>&amp;Models</source>
      <translation>模型(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Prompts…</source>
      <translation>提示词(&amp;P)…</translation>
    </message>
    <message>
      <source>Suggest boxes &amp;by words…</source>
      <translation>按词语建议方框(&amp;B)…</translation>
    </message>
    <message>
      <source>Ask another &amp;model</source>
      <translation>询问另一个模型(&amp;M)</translation>
    </message>
    <message>
      <source>Take the &amp;other model's words</source>
      <translation>采用另一个模型的文字(&amp;O)</translation>
    </message>
    <message>
      <source>Next &amp;doubtful region</source>
      <translation>下一个可疑区域(&amp;D)</translation>
    </message>
    <message>
      <source>Previous doubtful re&amp;gion</source>
      <translation>上一个可疑区域(&amp;G)</translation>
    </message>
    <message>
      <source>&amp;Doubtful regions</source>
      <translation>可疑区域(&amp;D)</translation>
    </message>
    <message>
      <source>Import a folder of anno&amp;tations…</source>
      <translation>导入标注文件夹(&amp;T)…</translation>
    </message>
  </context>
  <context>
    <name>Activity</name>
    <message>
      <source>a few seconds left</source>
      <translation>还剩几秒</translation>
    </message>
    <message>
      <source>about {} s left</source>
      <translation>约剩 {} 秒</translation>
    </message>
    <message>
      <source>about {} min left</source>
      <translation>约剩 {} 分钟</translation>
    </message>
    <message>
      <source>about {hours} h {minutes} min left</source>
      <translation>约剩 {hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
      <source>Nothing is running</source>
      <translation>没有正在运行的任务</translation>
    </message>
    <message>
      <source>Captioning many boxes, export and other long work is shown here.</source>
      <translation>批量描述、导出等耗时的任务会显示在这里。</translation>
    </message>
  </context>
  <context>
    <name>AgreementCard</name>
    <message>
      <source>No suggestion of a model has been reviewed yet.</source>
      <translation>还没有审核过模型的建议。</translation>
    </message>
    <message>
      <source>{}: words kept in final captions {}</source>
      <translation>{}：最终描述中保留的词 {}</translation>
    </message>
    <message>
      <source>What became of reviewed suggestions.</source>
      <translation>已审核建议的去向。</translation>
    </message>
  </context>
  <context>
    <name>AgreementPlot</name>
    <message>
      <source>edited</source>
      <translation>已编辑</translation>
    </message>
    <message>
      <source>rejected</source>
      <translation>已拒绝</translation>
    </message>
    <message>
      <source>reviewed {}, waiting {}</source>
      <translation>已审核 {}，待审核 {}</translation>
    </message>
    <message>
      <source>accepted unchanged</source>
      <translation>原样接受</translation>
    </message>
    <message>
      <source>alternative chosen</source>
      <translation>选用备选</translation>
    </message>
  </context>
  <context>
    <name>AlikeBar</name>
    <message>
      <source>These look like “{category}”. Strike out what is something else, and accept the rest.</source>
      <translation>这些看起来像“{category}”。划去不是的，然后接受其余的。</translation>
    </message>
  </context>
  <context>
    <name>AlikeRow</name>
    <message>
      <source>like one that you named</source>
      <translation>与您命名过的一个相似</translation>
    </message>
    <message>
      <source>like {} that you named</source>
      <translation>与您命名过的 {} 个相似</translation>
    </message>
    <message>
      <source>Accepted regions of this project that look alike. Learning can be turned off in the settings.</source>
      <translation>此项目中看起来相似的已接受区域。可以在设置中关闭学习。</translation>
    </message>
    <message>
      <source>{caption}, on {image}</source>
      <translation>{caption}，在 {image} 上</translation>
    </message>
  </context>
  <context>
    <name>Alternatives</name>
    <message>
      <source>Alternatives</source>
      <translation>备选</translation>
    </message>
    <message>
      <source>The model gave no alternatives.</source>
      <translation>模型没有给出备选。</translation>
    </message>
    <message>
      <source>Take it: {key}</source>
      <translation>采用：{key}</translation>
    </message>
    <message>
      <source>said before</source>
      <translation>以前用过</translation>
    </message>
    <message>
      <source>A person said this of such a thing earlier in this project</source>
      <translation>本项目中曾有人这样描述此类物体</translation>
    </message>
  </context>
  <context>
    <name>Application</name>
    <message>
      <source>Something went wrong ({}). Your work is stored; the details are in {}.</source>
      <translation>出了点问题（{}）。您的工作已保存；详情见 {}。</translation>
    </message>
  </context>
  <context>
    <name>AreasCard</name>
    <message>
      <source>part of the image's area</source>
      <translation>占图像面积的比例</translation>
    </message>
    <message>
      <source>{} to {} of the area</source>
      <translation>面积的 {} 至 {}</translation>
    </message>
    <message>
      <source>Each bar is four times the area of the one before. Under {} of the image: {} of the boxes.</source>
      <translation>每个条形代表的面积是前一个的四倍。小于图像 {} 的框占 {}。</translation>
    </message>
  </context>
  <context>
    <name>AttributesCard</name>
    <message>
      <source>Attribute</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>The attribute whose values are shown</source>
      <translation>显示其取值的属性</translation>
    </message>
    <message>
      <source>Values of an attribute</source>
      <translation>属性的取值</translation>
    </message>
    <message>
      <source>Different values: {}.</source>
      <translation>不同的取值：{}。</translation>
    </message>
    <message>
      <source>No region has an attribute yet.</source>
      <translation>还没有区域带有属性。</translation>
    </message>
  </context>
  <context>
    <name>BatchPage</name>
    <message>
      <source>Caption all boxes</source>
      <translation>描述所有框</translation>
    </message>
    <message>
      <source>The model writes suggestions for boxes that have no accepted caption. You can go on meanwhile; what you do comes first.</source>
      <translation>模型为还没有已接受描述的框写出建议。期间您可以继续工作；您的操作优先。</translation>
    </message>
    <message>
      <source>Running</source>
      <translation>正在运行</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Which boxes</source>
      <translation>哪些框</translation>
    </message>
    <message>
      <source>All without an accepted or edited caption</source>
      <translation>所有没有已接受或已编辑描述的框</translation>
    </message>
    <message>
      <source>Only those without any words yet</source>
      <translation>仅限还没有任何文字的框</translation>
    </message>
    <message>
      <source>Boxes</source>
      <translation>框</translation>
    </message>
    <message>
      <source>All images of the project</source>
      <translation>项目中的所有图像</translation>
    </message>
    <message>
      <source>The images that the list shows now</source>
      <translation>列表当前显示的图像</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>Leave out boxes that this model has described already</source>
      <translation>跳过此模型已经描述过的框</translation>
    </message>
    <message>
      <source>After a run was stopped, the next one goes on where it ended</source>
      <translation>运行停止后，下一次会从停止处继续</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>What will happen</source>
      <translation>将会发生什么</translation>
    </message>
    <message>
      <source>boxes get suggestions</source>
      <translation>个框得到建议</translation>
    </message>
    <message>
      <source>images</source>
      <translation>张图像</translation>
    </message>
    <message>
      <source>boxes are never touched</source>
      <translation>个框绝不会被改动</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Stop; suggestions that are written stay</source>
      <translation>停止；已写出的建议会保留</translation>
    </message>
    <message>
      <source>Caption the boxes</source>
      <translation>描述这些框</translation>
    </message>
    <message>
      <source>Start (Ctrl+Shift+Return)</source>
      <translation>开始 (Ctrl+Shift+Return)</translation>
    </message>
    <message>
      <source>Never touched: accepted {}, edited {}, rejected {}, and any text that a person wrote.</source>
      <translation>绝不改动：已接受 {}、已编辑 {}、已拒绝 {}，以及任何由人写的文字。</translation>
    </message>
    <message>
      <source>Open a folder first.</source>
      <translation>请先打开一个文件夹。</translation>
    </message>
    <message>
      <source>The project is open read-only.</source>
      <translation>项目以只读方式打开。</translation>
    </message>
    <message>
      <source>Counting…</source>
      <translation>正在统计…</translation>
    </message>
    <message>
      <source>Nothing to do: every box has been described.</source>
      <translation>无事可做：每个框都已描述。</translation>
    </message>
    <message>
      <source>Caption {} boxes</source>
      <translation>描述 {} 个框</translation>
    </message>
    <message>
      <source>Starting the model…</source>
      <translation>正在启动模型…</translation>
    </message>
    <message>
      <source>{} of {} boxes.</source>
      <translation>{} / {} 个框。</translation>
    </message>
    <message>
      <source>About {} seconds left.</source>
      <translation>约剩 {} 秒。</translation>
    </message>
    <message>
      <source>About {} minutes left.</source>
      <translation>约剩 {} 分钟。</translation>
    </message>
    <message>
      <source>About {} hours left.</source>
      <translation>约剩 {} 小时。</translation>
    </message>
    <message>
      <source>Stopped. The suggestions that were written stay; start again to go on.</source>
      <translation>已停止。已写出的建议会保留；再次开始即可继续。</translation>
    </message>
    <message>
      <source>Done. The review queue shows the suggestions, least certain first.</source>
      <translation>完成。审核队列会显示这些建议，最没把握的排在最前。</translation>
    </message>
    <message>
      <source>Let the model suggest boxes first on images without any</source>
      <translation>先让模型在没有框的图像上建议框</translation>
    </message>
    <message>
      <source>Not on images where you said that there is nothing. Each image's boxes are one step of undo.</source>
      <translation>不包括您说过没有任何东西的图像。每张图像的框是一步撤销。</translation>
    </message>
    <message>
      <source>New boxes</source>
      <translation>新的框</translation>
    </message>
    <message>
      <source>Suggest boxes on {} images</source>
      <translation>在 {} 张图像上建议框</translation>
    </message>
    <message>
      <source>{} of {} images.</source>
      <translation>{} / {} 张图像。</translation>
    </message>
    <message>
      <source>The categories of the project</source>
      <translation>项目的类别</translation>
    </message>
    <message>
      <source>What to look for</source>
      <translation>要找什么</translation>
    </message>
    <message>
      <source>For a detector, with commas: red car, traffic sign. Empty: the project's categories.</source>
      <translation>供检测器使用，用逗号分隔：red car, traffic sign。留空则为项目的类别。</translation>
    </message>
    <message>
      <source>Boxes with words, decided or not. The answers stand beside the words, which stay as they are.</source>
      <translation>已有文字的框，无论是否已决定。回答列在原有文字旁边，原有文字保持不变。</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>比较</translation>
    </message>
    <message>
      <source>Ask the second model, {}, about boxes with words</source>
      <translation>就已有文字的框询问第二个模型 {}</translation>
    </message>
    <message>
      <source>Ask a second model: choose one on the page Models first</source>
      <translation>询问第二个模型：请先在“模型”页中选择一个</translation>
    </message>
    <message>
      <source>No word that is there changes: the answers stand beside them.</source>
      <translation>现有文字不变：回答列在旁边。</translation>
    </message>
    <message>
      <source>Ask about {} boxes</source>
      <translation>询问 {} 个框</translation>
    </message>
    <message>
      <source>Let {} suggest boxes first on images without any</source>
      <translation>先让 {} 在没有框的图像上建议框</translation>
    </message>
  </context>
  <context>
    <name>Canvas</name>
    <message>
      <source>This box is very small: less than 2 pixels in the 224 x 224 input of GPT4RoI.</source>
      <translation>这个框非常小：在 GPT4RoI 的 224 x 224 输入中不到 2 个像素。</translation>
    </message>
    <message>
      <source>Image with regions</source>
      <translation>带区域的图像</translation>
    </message>
  </context>
  <context>
    <name>CaptionEdit</name>
    <message>
      <source>Caption</source>
      <translation>描述</translation>
    </message>
    <message>
      <source>Write a caption</source>
      <translation>写一条描述</translation>
    </message>
    <message>
      <source>Enter keeps what you wrote, Tab takes the gray words, Shift+Enter begins a line, Esc takes it back</source>
      <translation>Enter 保留所写内容，Tab 采用灰色文字，Shift+Enter 换行，Esc 还原</translation>
    </message>
  </context>
  <context>
    <name>Categories</name>
    <message>
      <source>“{}” is not in the list of categories of this project: add it to the list first.</source>
      <translation>“{}”不在本项目的类别列表中：请先把它加入列表。</translation>
    </message>
    <message numerus="yes">
      <source>%n region(s) of “{}” moved to “{}”.</source>
      <translation>
        <numerusform>“{}”的 %n 个区域已归入“{}”。</numerusform>
      </translation>
    </message>
    <message>
      <source>“{}” is called “{}” now.</source>
      <translation>“{}”现在称为“{}”。</translation>
    </message>
    <message numerus="yes">
      <source>%n region(s) moved to “{}”.</source>
      <translation>
        <numerusform>%n 个区域已归入“{}”。</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{} deleted: %n region(s) have no category now.</source>
      <translation>
        <numerusform>已删除{}：%n 个区域现在没有类别。</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CategoriesCard</name>
    <message>
      <source>Show these images; with Ctrl, the crops of the category</source>
      <translation>显示这些图像；按住 Ctrl 则显示该类别的裁剪图</translation>
    </message>
    <message>
      <source>Different categories: {}. With Ctrl, a click shows the crops of one.</source>
      <translation>不同的类别：{}。按住 Ctrl 单击可查看某一类别的裁剪图。</translation>
    </message>
  </context>
  <context>
    <name>CategoryChooser</name>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>The category whose crops are shown; behind each stands how many wait for review</source>
      <translation>显示其裁剪图的类别；每个类别后面是待审核的数量</translation>
    </message>
  </context>
  <context>
    <name>CategoryDelegate</name>
    <message>
      <source>No category</source>
      <translation>无类别</translation>
    </message>
    <message>
      <source>New name of the category; the name of another one merges the two</source>
      <translation>类别的新名称；填写另一类别的名称则合并两者</translation>
    </message>
  </context>
  <context>
    <name>CategoryEdit</name>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>No category</source>
      <translation>无类别</translation>
    </message>
    <message>
      <source>Accept the category {category}</source>
      <translation>接受类别 {category}</translation>
    </message>
    <message>
      <source>Category {name}</source>
      <translation>类别 {name}</translation>
    </message>
  </context>
  <context>
    <name>CategoryList</name>
    <message>
      <source>Find, or add a category</source>
      <translation>查找或添加类别</translation>
    </message>
    <message>
      <source>Find or add a category</source>
      <translation>查找或添加类别</translation>
    </message>
    <message>
      <source>Enter: the next boxes get the first category found; a new name is added to the list</source>
      <translation>回车：后续方框采用找到的第一个类别；新名称会加入列表</translation>
    </message>
    <message>
      <source>Closed list, tree, show all</source>
      <translation>封闭列表、树形、全部显示</translation>
    </message>
    <message>
      <source>Categories</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>撤销</translation>
    </message>
    <message>
      <source>Take back what was done to the categories (Ctrl+Z in this panel)</source>
      <translation>撤销对类别所做的更改（在此面板中按 Ctrl+Z）</translation>
    </message>
    <message>
      <source>No category “{}”</source>
      <translation>没有类别“{}”</translation>
    </message>
    <message>
      <source>Enter adds it and gives it to the next boxes.</source>
      <translation>按回车添加，并用于后续方框。</translation>
    </message>
    <message>
      <source>No categories yet</source>
      <translation>还没有类别</translation>
    </message>
    <message>
      <source>Type one above, or draw boxes.</source>
      <translation>在上方输入一个，或画方框。</translation>
    </message>
    <message>
      <source>Changing the whole project…</source>
      <translation>正在更改整个项目…</translation>
    </message>
    <message>
      <source>Categories: {}</source>
      <translation>类别：{}</translation>
    </message>
    <message>
      <source>closed list</source>
      <translation>封闭列表</translation>
    </message>
    <message numerus="yes">
      <source>%n hidden</source>
      <translation>
        <numerusform>%n 个已隐藏</numerusform>
      </translation>
    </message>
    <message>
      <source>Not for the next boxes</source>
      <translation>不再用于后续方框</translation>
    </message>
    <message>
      <source>For the next boxes</source>
      <translation>用于后续方框</translation>
    </message>
    <message>
      <source>Show on the image</source>
      <translation>在图像上显示</translation>
    </message>
    <message>
      <source>Hide on the image</source>
      <translation>在图像上隐藏</translation>
    </message>
    <message>
      <source>Show only this on the image</source>
      <translation>图像上只显示此类别</translation>
    </message>
    <message>
      <source>List its images</source>
      <translation>列出其图像</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>重命名</translation>
    </message>
    <message numerus="yes">
      <source>Merge %n categories into “{}”</source>
      <translation>
        <numerusform>将 %n 个类别合并为“{}”</numerusform>
      </translation>
    </message>
    <message>
      <source>Move some of its regions…</source>
      <translation>移动其中部分区域…</translation>
    </message>
    <message>
      <source>Delete, and keep its regions</source>
      <translation>删除类别，保留区域</translation>
    </message>
    <message>
      <source>Take off the list</source>
      <translation>从列表中移除</translation>
    </message>
    <message>
      <source>Add to the list</source>
      <translation>加入列表</translation>
    </message>
    <message>
      <source>Color</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Key for the next boxes</source>
      <translation>后续方框的按键</translation>
    </message>
    <message>
      <source>Follows from the name</source>
      <translation>由名称决定</translation>
    </message>
    <message>
      <source>Another…</source>
      <translation>其他…</translation>
    </message>
    <message>
      <source>Closed list: no other categories</source>
      <translation>封闭列表：不允许其他类别</translation>
    </message>
    <message>
      <source>As a tree</source>
      <translation>以树形显示</translation>
    </message>
    <message>
      <source>Show all on the image</source>
      <translation>在图像上全部显示</translation>
    </message>
  </context>
  <context>
    <name>CategoryModel</name>
    <message>
      <source>{}: a more general word</source>
      <translation>{}：更宽泛的词</translation>
    </message>
    <message>
      <source>No category</source>
      <translation>无类别</translation>
    </message>
    <message numerus="yes">
      <source>%n region(s)</source>
      <translation>
        <numerusform>%n 个区域</numerusform>
      </translation>
    </message>
    <message>
      <source>the next boxes with {}</source>
      <translation>按 {} 用于后续方框</translation>
    </message>
    <message>
      <source>the next boxes get it</source>
      <translation>用于后续方框</translation>
    </message>
    <message>
      <source>hidden on the image</source>
      <translation>在图像上隐藏</translation>
    </message>
    <message>
      <source>not in the list</source>
      <translation>不在列表中</translation>
    </message>
  </context>
  <context>
    <name>CategoryRefusal</name>
    <message>
      <source>“{}” is not in the list of categories.</source>
      <translation>“{}”不在类别列表中。</translation>
    </message>
    <message>
      <source>Take {} instead</source>
      <translation>改用 {}</translation>
    </message>
    <message>
      <source>Add to the list ({})</source>
      <translation>加入列表（{}）</translation>
    </message>
  </context>
  <context>
    <name>CategorySplit</name>
    <message>
      <source>Where the words stand</source>
      <translation>词语所在之处</translation>
    </message>
    <message>
      <source>Words</source>
      <translation>词语</translation>
    </message>
    <message>
      <source>Their new category</source>
      <translation>它们的新类别</translation>
    </message>
    <message>
      <source>New category</source>
      <translation>新类别</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Regions of “{}” with</source>
      <translation>“{}”中符合条件的区域：</translation>
    </message>
    <message>
      <source>caption</source>
      <translation>描述</translation>
    </message>
    <message>
      <source>these words</source>
      <translation>包含这些词</translation>
    </message>
    <message>
      <source>this value</source>
      <translation>具有此值</translation>
    </message>
    <message numerus="yes">
      <source>Move %n region(s)</source>
      <translation>
        <numerusform>移动 %n 个区域</numerusform>
      </translation>
    </message>
    <message>
      <source>Move</source>
      <translation>移动</translation>
    </message>
  </context>
  <context>
    <name>ChatInput</name>
    <message>
      <source>Question</source>
      <translation>问题</translation>
    </message>
    <message>
      <source>Ask about a region: type &lt; for &lt;region1&gt;</source>
      <translation>就区域提问：输入 &lt; 可引用 &lt;region1&gt;</translation>
    </message>
    <message>
      <source>Enter sends, Shift+Enter begins a line, &lt; or a click on a box refers to a region</source>
      <translation>Enter 发送，Shift+Enter 换行，输入 &lt; 或点击框可引用区域</translation>
    </message>
  </context>
  <context>
    <name>ChatPanel</name>
    <message>
      <source>Conversations about this image</source>
      <translation>关于此图像的对话</translation>
    </message>
    <message>
      <source>New conversation</source>
      <translation>新对话</translation>
    </message>
    <message>
      <source>Delete this conversation</source>
      <translation>删除此对话</translation>
    </message>
    <message>
      <source>Conversation</source>
      <translation>对话</translation>
    </message>
    <message>
      <source>Insert region {number}</source>
      <translation>插入区域 {number}</translation>
    </message>
    <message>
      <source>No image</source>
      <translation>没有图像</translation>
    </message>
    <message>
      <source>Open a folder of images to begin.</source>
      <translation>打开一个图像文件夹以开始。</translation>
    </message>
    <message>
      <source>Ask about regions</source>
      <translation>就区域提问</translation>
    </message>
    <message>
      <source>Draw a box (W) first; then ask what is in it.</source>
      <translation>先画一个框 (W)，再问里面是什么。</translation>
    </message>
    <message>
      <source>For example: what is &lt;region1&gt; doing? Click a number below, or type &lt;, to refer to a box.</source>
      <translation>例如：what is &lt;region1&gt; doing? 点击下面的编号或输入 &lt; 即可引用框。</translation>
    </message>
    <message>
      <source>{model} describes regions but cannot answer questions. Choose a model that can chat in the settings.</source>
      <translation>{model} 可以描述区域，但不能回答问题。请在设置中选择能够对话的模型。</translation>
    </message>
    <message>
      <source>The model does not run: {reason}</source>
      <translation>模型没有运行：{reason}</translation>
    </message>
    <message>
      <source>The model is being loaded…</source>
      <translation>正在加载模型…</translation>
    </message>
    <message>
      <source>Stop the answer</source>
      <translation>停止回答</translation>
    </message>
    <message>
      <source>Ask (Enter)</source>
      <translation>提问 (Enter)</translation>
    </message>
  </context>
  <context>
    <name>ChatSession</name>
    <message>
      <source>(deleted region)</source>
      <translation>（已删除的区域）</translation>
    </message>
    <message>
      <source>There is no region {} on this image.</source>
      <translation>此图像上没有区域 {}。</translation>
    </message>
  </context>
  <context>
    <name>CommandPalette</name>
    <message>
      <source>Command palette</source>
      <translation>命令面板</translation>
    </message>
    <message>
      <source>Commands, folders and images</source>
      <translation>命令、文件夹和图像</translation>
    </message>
    <message>
      <source>Type a command, a folder or the name of an image</source>
      <translation>输入命令、文件夹或图像名称</translation>
    </message>
  </context>
  <context>
    <name>CropBar</name>
    <message>
      <source>Order of the crops</source>
      <translation>裁剪图的顺序</translation>
    </message>
    <message>
      <source>Least certain first</source>
      <translation>最没把握的在前</translation>
    </message>
    <message>
      <source>By image</source>
      <translation>按图像</translation>
    </message>
    <message>
      <source>Random</source>
      <translation>随机</translation>
    </message>
    <message>
      <source>Review states</source>
      <translation>审核状态</translation>
    </message>
    <message>
      <source>To review</source>
      <translation>待审核</translation>
    </message>
    <message>
      <source>Decided</source>
      <translation>已决定</translation>
    </message>
    <message>
      <source>All</source>
      <translation>全部</translation>
    </message>
    <message>
      <source>Reading…</source>
      <translation>正在读取…</translation>
    </message>
    <message>
      <source>{count} selected</source>
      <translation>已选 {count} 张</translation>
    </message>
    <message>
      <source>(no category)</source>
      <translation>（无类别）</translation>
    </message>
    <message>
      <source>Crops: {count}</source>
      <translation>裁剪图：{count}</translation>
    </message>
  </context>
  <context>
    <name>CropGridView</name>
    <message>
      <source>Crops</source>
      <translation>裁剪图</translation>
    </message>
  </context>
  <context>
    <name>CropModel</name>
    <message>
      <source>No caption yet</source>
      <translation>还没有描述</translation>
    </message>
    <message>
      <source>Locked: decisions pass it over</source>
      <translation>已锁定：决定不会作用于它</translation>
    </message>
    <message>
      <source>no caption</source>
      <translation>无描述</translation>
    </message>
    <message>
      <source>{state}, {certainty} certain</source>
      <translation>{state}，确信度 {certainty}</translation>
    </message>
  </context>
  <context>
    <name>CropView</name>
    <message>
      <source>The region</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Reading the picture…</source>
      <translation>正在读取图片…</translation>
    </message>
  </context>
  <context>
    <name>CropsPage</name>
    <message>
      <source>The crops cannot be read. {}</source>
      <translation>无法读取裁剪图。{}</translation>
    </message>
    <message>
      <source>No folder is open</source>
      <translation>没有打开的文件夹</translation>
    </message>
    <message>
      <source>Open a folder of images to begin.</source>
      <translation>打开一个图像文件夹以开始。</translation>
    </message>
    <message>
      <source>Reading…</source>
      <translation>正在读取…</translation>
    </message>
    <message>
      <source>No regions yet</source>
      <translation>还没有区域</translation>
    </message>
    <message>
      <source>Draw boxes on your images, or let the model caption boxes that you import.</source>
      <translation>在图像上绘制框，或让模型为导入的框生成描述。</translation>
    </message>
    <message>
      <source>No “{category}” waits for review</source>
      <translation>没有待审核的“{category}”</translation>
    </message>
    <message>
      <source>Choose another category above, or other states.</source>
      <translation>请在上方选择其他类别或其他状态。</translation>
    </message>
    <message>
      <source>No “{category}” here</source>
      <translation>这里没有“{category}”</translation>
    </message>
    <message>
      <source>Select crops first: click them, drag around them, or press Ctrl+A for all.</source>
      <translation>请先选择裁剪图：单击、拖动框选，或按 Ctrl+A 全选。</translation>
    </message>
    <message>
      <source>Storing {count} decisions…</source>
      <translation>正在保存 {count} 个决定…</translation>
    </message>
    <message>
      <source>There is nothing to take back here.</source>
      <translation>这里没有可以撤销的操作。</translation>
    </message>
    <message>
      <source>Taken back: {edit}, {count} regions</source>
      <translation>已撤销：{edit}，{count} 个区域</translation>
    </message>
    <message>
      <source>{edit}, {count} regions</source>
      <translation>{edit}，{count} 个区域</translation>
    </message>
    <message>
      <source>Nothing was changed. {}</source>
      <translation>没有任何更改。{}</translation>
    </message>
    <message>
      <source>{} accepted</source>
      <translation>已接受 {} 个</translation>
    </message>
    <message>
      <source>{} rejected</source>
      <translation>已拒绝 {} 个</translation>
    </message>
    <message>
      <source>{} got the category</source>
      <translation>{} 个已改类别</translation>
    </message>
    <message>
      <source>{} unchanged</source>
      <translation>{} 个未变</translation>
    </message>
    <message>
      <source>{} locked</source>
      <translation>{} 个已锁定</translation>
    </message>
    <message>
      <source>{} without words</source>
      <translation>{} 个没有文字</translation>
    </message>
    <message>
      <source>{} more are selected: press the key again.</source>
      <translation>还选着 {} 个：请再按一次该键。</translation>
    </message>
    <message>
      <source>{} of a category that is not in the list of the project</source>
      <translation>{} 个的类别不在项目列表中</translation>
    </message>
    <message>
      <source>No look-alike waits any more</source>
      <translation>没有待审核的相似区域了</translation>
    </message>
    <message>
      <source>Esc goes back, U takes the last decision back.</source>
      <translation>Esc 返回，U 撤回上一个决定。</translation>
    </message>
  </context>
  <context>
    <name>DaysCard</name>
    <message>
      <source>Regions decided on, the last {} days with work.</source>
      <translation>最近 {} 个工作日审核的区域数。</translation>
    </message>
    <message>
      <source>Nothing has been reviewed yet.</source>
      <translation>还没有审核任何内容。</translation>
    </message>
    <message>
      <source>day</source>
      <translation>日期</translation>
    </message>
  </context>
  <context>
    <name>DecisionBar</name>
    <message>
      <source>Category of the selected regions</source>
      <translation>所选区域的类别</translation>
    </message>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Category of {count} regions:</source>
      <translation>{count} 个区域的类别：</translation>
    </message>
  </context>
  <context>
    <name>DockTitle</name>
    <message>
      <source>Hide the panel {}; View &gt; Panels brings it back</source>
      <translation>隐藏面板“{}”；可通过 视图 &gt; 面板 重新显示</translation>
    </message>
  </context>
  <context>
    <name>DownloadRow</name>
    <message>
      <source>Progress of {}</source>
      <translation>{} 的进度</translation>
    </message>
    <message>
      <source>My use is not commercial</source>
      <translation>我的用途是非商业的</translation>
    </message>
    <message>
      <source>My use of {} is not commercial</source>
      <translation>我对 {} 的使用是非商业的</translation>
    </message>
    <message>
      <source>Resume {}</source>
      <translation>继续下载 {}</translation>
    </message>
    <message>
      <source>Download {}</source>
      <translation>下载 {}</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Download</source>
      <translation>下载</translation>
    </message>
    <message>
      <source>One download at a time</source>
      <translation>一次只进行一个下载</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Cancel the download of {}</source>
      <translation>取消下载 {}</translation>
    </message>
    <message>
      <source>What came is kept, and the download can go on later</source>
      <translation>已下载的部分会保留，以后可以继续</translation>
    </message>
    <message>
      <source>Asking the hub…</source>
      <translation>正在询问模型库…</translation>
    </message>
    <message>
      <source>{done} of {total}</source>
      <translation>{done}，共 {total}</translation>
    </message>
    <message>
      <source>checking the files…</source>
      <translation>正在校验文件…</translation>
    </message>
    <message>
      <source>{} to download</source>
      <translation>下载 {}</translation>
    </message>
    <message>
      <source>size is told before the download</source>
      <translation>下载前会告知大小</translation>
    </message>
    <message>
      <source>{} of GPU memory</source>
      <translation>需显存 {}</translation>
    </message>
    <message>
      <source>commercial use: yes</source>
      <translation>商业使用：可以</translation>
    </message>
    <message>
      <source>commercial use: no</source>
      <translation>商业使用：不可以</translation>
    </message>
    <message>
      <source>commercial use: under conditions</source>
      <translation>商业使用：有条件</translation>
    </message>
    <message>
      <source>the licence is told before the download</source>
      <translation>下载前会告知许可证</translation>
    </message>
    <message>
      <source>first accept its terms on its page, and set HF_TOKEN</source>
      <translation>请先在其页面接受条款，并设置 HF_TOKEN</translation>
    </message>
    <message>
      <source>fits this GPU</source>
      <translation>此显卡可容纳</translation>
    </message>
    <message>
      <source>fits this GPU in {}</source>
      <translation>以 {} 适合此 GPU</translation>
    </message>
    <message>
      <source>runs on this CPU, slowly</source>
      <translation>可在此 CPU 上运行，较慢</translation>
    </message>
    <message>
      <source>does not fit this computer</source>
      <translation>此电脑无法容纳</translation>
    </message>
    <message>
      <source>not known whether it fits</source>
      <translation>不清楚能否容纳</translation>
    </message>
  </context>
  <context>
    <name>DownloadsCard</name>
    <message>
      <source>Models to download</source>
      <translation>可下载的模型</translation>
    </message>
    <message>
      <source>Nothing is fetched unless you press Download. Every file is compared with its sha256. HF_ENDPOINT names a mirror.</source>
      <translation>除非按下“下载”，否则不会获取任何内容。每个文件都会与其 sha256 比对。可用 HF_ENDPOINT 指定镜像。</translation>
    </message>
  </context>
  <context>
    <name>Edits</name>
    <message>
      <source>Accept</source>
      <translation>接受</translation>
    </message>
    <message>
      <source>Add caption</source>
      <translation>添加描述</translation>
    </message>
    <message>
      <source>Change attributes</source>
      <translation>更改属性</translation>
    </message>
    <message>
      <source>Choose alternative</source>
      <translation>选择备选</translation>
    </message>
    <message>
      <source>Copy from previous image</source>
      <translation>从上一张图像复制</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>删除</translation>
    </message>
    <message>
      <source>Draw box</source>
      <translation>画框</translation>
    </message>
    <message>
      <source>Edit caption</source>
      <translation>编辑描述</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>锁定</translation>
    </message>
    <message>
      <source>Merge</source>
      <translation>合并</translation>
    </message>
    <message>
      <source>Move box</source>
      <translation>移动框</translation>
    </message>
    <message>
      <source>Paste</source>
      <translation>粘贴</translation>
    </message>
    <message>
      <source>Reject</source>
      <translation>拒绝</translation>
    </message>
    <message>
      <source>Remove alternative</source>
      <translation>移除备选</translation>
    </message>
    <message>
      <source>Reopen</source>
      <translation>重新打开</translation>
    </message>
    <message>
      <source>Set attribute</source>
      <translation>设置属性</translation>
    </message>
    <message>
      <source>Set category</source>
      <translation>设置类别</translation>
    </message>
    <message>
      <source>Suggestion</source>
      <translation>建议</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>解锁</translation>
    </message>
    <message>
      <source>Import regions</source>
      <translation>导入区域</translation>
    </message>
    <message>
      <source>Edit note</source>
      <translation>编辑备注</translation>
    </message>
    <message>
      <source>Nothing here</source>
      <translation>此处无目标</translation>
    </message>
    <message>
      <source>Keep previous boxes</source>
      <translation>保留上一张的框</translation>
    </message>
    <message>
      <source>Rename category</source>
      <translation>重命名类别</translation>
    </message>
    <message>
      <source>Merge categories</source>
      <translation>合并类别</translation>
    </message>
    <message>
      <source>Split category</source>
      <translation>拆分类别</translation>
    </message>
    <message>
      <source>Delete category</source>
      <translation>删除类别</translation>
    </message>
    <message>
      <source>Change categories</source>
      <translation>更改类别</translation>
    </message>
    <message>
      <source>Suggest boxes</source>
      <translation>建议框</translation>
    </message>
    <message>
      <source>Larger box</source>
      <translation>更大的框</translation>
    </message>
    <message>
      <source>Apply to look-alikes</source>
      <translation>应用到相似区域</translation>
    </message>
    <message>
      <source>Answers of another model</source>
      <translation>另一个模型的回答</translation>
    </message>
    <message>
      <source>Take another model's words</source>
      <translation>采用另一个模型的文字</translation>
    </message>
    <message>
      <source>Fix findings</source>
      <translation>修正可疑之处</translation>
    </message>
  </context>
  <context>
    <name>ExportPage</name>
    <message>
      <source>Export</source>
      <translation>导出</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>The kind of file that is written</source>
      <translation>要写出的文件类型</translation>
    </message>
    <message>
      <source>File to write</source>
      <translation>要写出的文件</translation>
    </message>
    <message>
      <source>A path without a leading folder is below the project's folder</source>
      <translation>相对路径以项目文件夹为起点</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Choose the file to write</source>
      <translation>选择要写出的文件</translation>
    </message>
    <message>
      <source>Content</source>
      <translation>内容</translation>
    </message>
    <message>
      <source>Write the regions in this review state</source>
      <translation>写出处于此审核状态的区域</translation>
    </message>
    <message>
      <source>Regions</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Also images without regions</source>
      <translation>包括没有区域的图像</translation>
    </message>
    <message>
      <source>Images in which there is nothing are training data, too</source>
      <translation>空白图像同样是训练数据</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>Description of the data set</source>
      <translation>数据集说明</translation>
    </message>
    <message>
      <source>Description</source>
      <translation>说明</translation>
    </message>
    <message>
      <source>Licence of the images</source>
      <translation>图像的许可</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>许可</translation>
    </message>
    <message>
      <source>Address of the licence</source>
      <translation>许可的网址</translation>
    </message>
    <message>
      <source>https://… (may stay empty)</source>
      <translation>https://…（可留空）</translation>
    </message>
    <message>
      <source>Licence address</source>
      <translation>许可网址</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>报告</translation>
    </message>
    <message>
      <source>Copy report</source>
      <translation>复制报告</translation>
    </message>
    <message>
      <source>Copy the report as text</source>
      <translation>将报告复制为文本</translation>
    </message>
    <message>
      <source>Open folder</source>
      <translation>打开文件夹</translation>
    </message>
    <message>
      <source>Show the folder of the file</source>
      <translation>显示文件所在的文件夹</translation>
    </message>
    <message>
      <source>Progress of the export</source>
      <translation>导出进度</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Stop; no file is written</source>
      <translation>停止；不写出任何文件</translation>
    </message>
    <message>
      <source>Write the file (Ctrl+Shift+Return)</source>
      <translation>写出文件 (Ctrl+Shift+Return)</translation>
    </message>
    <message>
      <source>Accepted</source>
      <translation>已接受</translation>
    </message>
    <message>
      <source>Edited</source>
      <translation>已编辑</translation>
    </message>
    <message>
      <source>Suggested</source>
      <translation>建议</translation>
    </message>
    <message>
      <source>Rejected</source>
      <translation>已拒绝</translation>
    </message>
    <message>
      <source>Export to</source>
      <translation>导出到</translation>
    </message>
    <message>
      <source>This file exists and will be replaced.</source>
      <translation>此文件已存在，将被替换。</translation>
    </message>
    <message>
      <source>Open a folder first.</source>
      <translation>请先打开一个文件夹。</translation>
    </message>
    <message>
      <source>Choose a file to write.</source>
      <translation>请选择要写出的文件。</translation>
    </message>
    <message>
      <source>Choose at least one review state.</source>
      <translation>请至少选择一种审核状态。</translation>
    </message>
    <message>
      <source>Writing {}…</source>
      <translation>正在写出 {}…</translation>
    </message>
    <message>
      <source>Images: {}. Regions: {} of {}.</source>
      <translation>图像：{}。区域：{} / {}。</translation>
    </message>
    <message>
      <source>Counting…</source>
      <translation>正在统计…</translation>
    </message>
    <message>
      <source>Export {}</source>
      <translation>导出 {}</translation>
    </message>
    <message>
      <source>The export was cancelled; no file was written.</source>
      <translation>导出已取消；没有写出任何文件。</translation>
    </message>
    <message>
      <source>Written: {}</source>
      <translation>已写出：{}</translation>
    </message>
    <message>
      <source>The export failed and wrote nothing ({}). The log has the details.</source>
      <translation>导出失败，没有写出任何内容（{}）。详情见日志。</translation>
    </message>
    <message>
      <source>The format tells nothing about what it left out.</source>
      <translation>此格式没有说明遗漏了什么。</translation>
    </message>
    <message>
      <source>Images: {}. Regions: {}.</source>
      <translation>图像：{}。区域：{}。</translation>
    </message>
    <message>
      <source>Nothing was lost.</source>
      <translation>没有任何损失。</translation>
    </message>
    <message>
      <source>What the file does not hold as the project does:</source>
      <translation>文件与项目不一致的内容：</translation>
    </message>
    <message>
      <source>All files (*)</source>
      <translation>所有文件 (*)</translation>
    </message>
    <message>
      <source>JSON file with the questions about regions</source>
      <translation>写有区域问题的 JSON 文件</translation>
    </message>
    <message>
      <source>those of the program</source>
      <translation>程序自带的问题</translation>
    </message>
    <message>
      <source>Questions</source>
      <translation>问题</translation>
    </message>
    <message>
      <source>Writes a file or folder. Your images and the project stay as they are, and nothing is half-written.</source>
      <translation>写出一个文件或文件夹。图像和项目保持不变，绝不会留下写了一半的文件。</translation>
    </message>
    <message>
      <source>This folder exists. It is replaced if it is empty or holds an earlier export.</source>
      <translation>该文件夹已存在。如果它是空的，或只含有先前的导出结果，就会被替换。</translation>
    </message>
  </context>
  <context>
    <name>Fields</name>
    <message>
      <source>At most {count} letters can be written here.</source>
      <translation>这里最多可以写 {count} 个字。</translation>
    </message>
  </context>
  <context>
    <name>FindingModel</name>
    <message>
      <source>the first {} are shown</source>
      <translation>仅显示前 {} 条</translation>
    </message>
  </context>
  <context>
    <name>ImageFilters</name>
    <message>
      <source>Images with regions that are {state}</source>
      <translation>含有{state}区域的图像</translation>
    </message>
    <message>
      <source>Images with a problem</source>
      <translation>有问题的图像</translation>
    </message>
    <message>
      <source>Images that cannot be read</source>
      <translation>无法读取的图像</translation>
    </message>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Attribute</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Any value</source>
      <translation>任意值</translation>
    </message>
    <message>
      <source>Any</source>
      <translation>任意</translation>
    </message>
    <message>
      <source>None in this project yet</source>
      <translation>此项目中还没有</translation>
    </message>
    <message>
      <source>Images with nothing to box, as a person decided</source>
      <translation>经人确认没有可框目标的图像</translation>
    </message>
    <message>
      <source>Images with a note</source>
      <translation>有备注的图像</translation>
    </message>
  </context>
  <context>
    <name>ImageJump</name>
    <message>
      <source>Number or part of a name</source>
      <translation>编号或部分名称</translation>
    </message>
    <message>
      <source>Go to image</source>
      <translation>转到图像</translation>
    </message>
    <message>
      <source>Number or part of a name; Enter goes there, Esc closes (Ctrl+J)</source>
      <translation>编号或部分名称；Enter 跳转，Esc 关闭 (Ctrl+J)</translation>
    </message>
    <message>
      <source>{number} of {total}: {name}</source>
      <translation>第 {number} 张，共 {total} 张：{name}</translation>
    </message>
    <message>
      <source>No image of this list; it has {}.</source>
      <translation>列表中没有此图像；共有 {} 张。</translation>
    </message>
  </context>
  <context>
    <name>ImageList</name>
    <message>
      <source>Search captions, categories, attributes</source>
      <translation>搜索描述、类别、属性</translation>
    </message>
    <message>
      <source>Search the project</source>
      <translation>搜索项目</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>Show all</source>
      <translation>显示全部</translation>
    </message>
    <message>
      <source>Clear search and filters</source>
      <translation>清除搜索和筛选</translation>
    </message>
    <message>
      <source>{count} of {total} images</source>
      <translation>{count} / {total} 张图像</translation>
    </message>
    <message>
      <source>{text}, looking for more…</source>
      <translation>{text}，正在查找更多…</translation>
    </message>
    <message>
      <source>No folder is open</source>
      <translation>没有打开的文件夹</translation>
    </message>
    <message>
      <source>Open or drop a folder of images.</source>
      <translation>打开或拖入一个图像文件夹。</translation>
    </message>
    <message>
      <source>No image matches</source>
      <translation>没有匹配的图像</translation>
    </message>
    <message>
      <source>Change the search or the filters above.</source>
      <translation>请更改上方的搜索或筛选条件。</translation>
    </message>
    <message>
      <source>Looking for images…</source>
      <translation>正在查找图像…</translation>
    </message>
    <message>
      <source>No images in this folder</source>
      <translation>此文件夹中没有图像</translation>
    </message>
    <message>
      <source>Put pictures into it, or open another folder.</source>
      <translation>放入图片，或打开另一个文件夹。</translation>
    </message>
    <message>
      <source>{finished} of {total} finished</source>
      <translation>已完成 {finished}/{total}</translation>
    </message>
    <message>
      <source>Search captions, categories, attributes, file names and notes (Ctrl+F)</source>
      <translation>搜索描述、类别、属性、文件名和备注 (Ctrl+F)</translation>
    </message>
    <message>
      <source>Finished: every region is decided, or there is nothing here</source>
      <translation>已完成：每个区域都已决定，或者此处无目标</translation>
    </message>
  </context>
  <context>
    <name>ImageModel</name>
    <message>
      <source>{total} regions: {suggested} to review, {accepted} accepted, {edited} edited, {rejected} rejected</source>
      <translation>{total} 个区域：{suggested} 个待审核，{accepted} 个已接受，{edited} 个已编辑，{rejected} 个已拒绝</translation>
    </message>
    <message>
      <source>no regions</source>
      <translation>没有区域</translation>
    </message>
    <message>
      <source>nothing here, as a person decided</source>
      <translation>经人确认此处无目标</translation>
    </message>
    <message>
      <source>Note: {text}</source>
      <translation>备注：{text}</translation>
    </message>
  </context>
  <context>
    <name>ImageNotesBar</name>
    <message>
      <source>Note on this image</source>
      <translation>此图像的备注</translation>
    </message>
    <message>
      <source>Note on this image (N)</source>
      <translation>此图像的备注 (N)</translation>
    </message>
    <message>
      <source>Nothing here</source>
      <translation>此处无目标</translation>
    </message>
    <message>
      <source>There is nothing to box: the image is finished until a box is drawn (0)</source>
      <translation>没有可框的目标：在画框之前，此图像视为已完成 (0)</translation>
    </message>
  </context>
  <context>
    <name>ImageOrder</name>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>Date of the file</source>
      <translation>文件日期</translation>
    </message>
    <message>
      <source>To review</source>
      <translation>待审核</translation>
    </message>
    <message>
      <source>Least certain</source>
      <translation>最不确定</translation>
    </message>
    <message>
      <source>Not grouped</source>
      <translation>不分组</translation>
    </message>
    <message>
      <source>Grouped by folder</source>
      <translation>按文件夹分组</translation>
    </message>
    <message>
      <source>Grouped by state</source>
      <translation>按状态分组</translation>
    </message>
    <message>
      <source>No boxes</source>
      <translation>没有框</translation>
    </message>
    <message>
      <source>Finished</source>
      <translation>已完成</translation>
    </message>
    <message>
      <source>Cannot be read</source>
      <translation>无法读取</translation>
    </message>
    <message>
      <source>Top folder</source>
      <translation>顶层文件夹</translation>
    </message>
  </context>
  <context>
    <name>ImageOrderChip</name>
    <message>
      <source>The other way round</source>
      <translation>反向</translation>
    </message>
    <message>
      <source>Sort again</source>
      <translation>重新排序</translation>
    </message>
    <message>
      <source>Sorted by: {}</source>
      <translation>排序方式：{}</translation>
    </message>
    <message>
      <source>Choose another order (S)</source>
      <translation>选择其他排序 (S)</translation>
    </message>
  </context>
  <context>
    <name>Importing</name>
    <message>
      <source>Import annotations</source>
      <translation>导入标注</translation>
    </message>
    <message>
      <source>Take those of the file</source>
      <translation>采用文件中的</translation>
    </message>
    <message>
      <source>Keep both</source>
      <translation>两者都保留</translation>
    </message>
    <message numerus="yes">
      <source>Other in {} than in the project, which stayed: %n region(s).</source>
      <translation>
        <numerusform>{} 中与项目不同、项目保持原样的区域：%n 个。</numerusform>
      </translation>
    </message>
    <message>
      <source>All annotation files</source>
      <translation>所有标注文件</translation>
    </message>
    <message>
      <source>Import a folder of annotations</source>
      <translation>导入标注文件夹</translation>
    </message>
  </context>
  <context>
    <name>JobCard</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Cancel {job}</source>
      <translation>取消 {job}</translation>
    </message>
    <message>
      <source>{done} of {total}</source>
      <translation>{done} / {total}</translation>
    </message>
    <message>
      <source>working…</source>
      <translation>正在处理…</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>等待中</translation>
    </message>
    <message>
      <source>done</source>
      <translation>完成</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>已取消</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>失败</translation>
    </message>
  </context>
  <context>
    <name>Jobs</name>
    <message>
      <source>Caption boxes</source>
      <translation>描述框</translation>
    </message>
    <message numerus="yes">
      <source>%n image(s) could not be described. {}</source>
      <translation>
        <numerusform>%n 张图像无法描述。{}</numerusform>
      </translation>
    </message>
    <message>
      <source>A batch is running already: see Activity.</source>
      <translation>已有批量任务在运行：见“活动”。</translation>
    </message>
    <message>
      <source>{} was not imported, or only in part. {}</source>
      <translation>{} 未导入，或只导入了一部分。{}</translation>
    </message>
    <message>
      <source>Import {}</source>
      <translation>导入 {}</translation>
    </message>
    <message>
      <source>Imported regions: {}, on images: {}.</source>
      <translation>已导入区域：{} 个，图像：{} 张。</translation>
    </message>
    <message>
      <source>Suggest boxes</source>
      <translation>建议框</translation>
    </message>
    <message numerus="yes">
      <source>%n image(s) could not be read. {}</source>
      <translation>
        <numerusform>%n 张图像无法读取。{}</numerusform>
      </translation>
    </message>
    <message>
      <source>Ask the second model</source>
      <translation>询问第二个模型</translation>
    </message>
    <message>
      <source>The second model is at work: wait until it ends.</source>
      <translation>第二个模型正在工作：请等它结束。</translation>
    </message>
  </context>
  <context>
    <name>KeyBar</name>
    <message>
      <source>Accept</source>
      <translation>接受</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>编辑</translation>
    </message>
    <message>
      <source>Reject</source>
      <translation>拒绝</translation>
    </message>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>撤销</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>返回</translation>
    </message>
    <message>
      <source>Skip</source>
      <translation>跳过</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>Show this region on its picture (O)</source>
      <translation>在图片上显示此区域 (O)</translation>
    </message>
    <message>
      <source>Smaller</source>
      <translation>缩小</translation>
    </message>
    <message>
      <source>Larger</source>
      <translation>放大</translation>
    </message>
    <message>
      <source>Strike out</source>
      <translation>划去</translation>
    </message>
    <message>
      <source>Look-alikes</source>
      <translation>相似区域</translation>
    </message>
    <message>
      <source>Keep left</source>
      <translation>保留左侧</translation>
    </message>
    <message>
      <source>Take right</source>
      <translation>采用右侧</translation>
    </message>
  </context>
  <context>
    <name>Keys</name>
    <message>
      <source>Space</source>
      <translation>空格</translation>
    </message>
    <message>
      <source>Wheel</source>
      <translation>滚轮</translation>
    </message>
    <message>
      <source>Arrow keys</source>
      <translation>方向键</translation>
    </message>
    <message>
      <source>Ctrl+arrow keys</source>
      <translation>Ctrl+方向键</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>Enter</translation>
    </message>
  </context>
  <context>
    <name>KindChooser</name>
    <message>
      <source>One of a list</source>
      <translation>列表中的一个</translation>
    </message>
    <message>
      <source>Any of a list</source>
      <translation>列表中的任意几个</translation>
    </message>
    <message>
      <source>Yes or no</source>
      <translation>是或否</translation>
    </message>
    <message>
      <source>Free text</source>
      <translation>自由文本</translation>
    </message>
    <message>
      <source>Kind of the attribute</source>
      <translation>属性的种类</translation>
    </message>
    <message>
      <source>What may be entered</source>
      <translation>可以输入什么</translation>
    </message>
  </context>
  <context>
    <name>Language</name>
    <message>
      <source>en</source>
      <translation>zh_CN</translation>
    </message>
  </context>
  <context>
    <name>LearningCard</name>
    <message>
      <source>regions decided</source>
      <translation>已决定的区域</translation>
    </message>
    <message>
      <source>{} to {}, right of 50</source>
      <translation>第 {} 到 {} 个，每 50 个中正确的</translation>
    </message>
    <message>
      <source>In the last 50 regions {} were right as suggested, in the first 50 {}.</source>
      <translation>最近 50 个区域中有 {} 个建议直接正确，最初 50 个中有 {} 个。</translation>
    </message>
    <message>
      <source>In the last 50 regions {} were right as suggested.</source>
      <translation>最近 50 个区域中有 {} 个建议直接正确。</translation>
    </message>
  </context>
  <context>
    <name>LengthsCard</name>
    <message>
      <source>words</source>
      <translation>词</translation>
    </message>
    <message>
      <source>{} or more words</source>
      <translation>{} 个词或更多</translation>
    </message>
    <message>
      <source>{} words</source>
      <translation>{} 个词</translation>
    </message>
    <message>
      <source>Captions: {}. Half of them have at most {} words.</source>
      <translation>描述：{} 条。其中一半不超过 {} 个词。</translation>
    </message>
  </context>
  <context>
    <name>LintPage</name>
    <message>
      <source>Doubtful regions</source>
      <translation>可疑区域</translation>
    </message>
    <message>
      <source>Check the project</source>
      <translation>检查项目</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Findings</source>
      <translation>检查结果</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>查看</translation>
    </message>
    <message>
      <source>Show the region (Enter); F8 goes on to the next one from there</source>
      <translation>查看该区域（回车）；之后按 F8 转到下一个</translation>
    </message>
    <message>
      <source>Ignore</source>
      <translation>忽略</translation>
    </message>
    <message>
      <source>It is right as it is: do not tell it again in this project (Delete)</source>
      <translation>本来就没有问题：在此项目中不再提示（Delete）</translation>
    </message>
    <message>
      <source>Fix all</source>
      <translation>全部修正</translation>
    </message>
    <message>
      <source>Captions, boxes and categories that are probably a slip. Nothing is changed.</source>
      <translation>很可能是疏忽的描述、框和类别。检查不会改动任何内容。</translation>
    </message>
    <message>
      <source>Nothing was checked yet.</source>
      <translation>尚未检查。</translation>
    </message>
    <message>
      <source>The check reads all regions and, where a caption names a color, the photo.</source>
      <translation>检查会读取所有区域；描述中提到颜色时，还会读取照片。</translation>
    </message>
    <message numerus="yes">
      <source>%n finding(s)</source>
      <translation>
        <numerusform>%n 处可疑</numerusform>
      </translation>
    </message>
    <message>
      <source>on {} regions of {} images</source>
      <translation>共 {} 个区域，{} 张图片</translation>
    </message>
    <message numerus="yes">
      <source>%n ignored</source>
      <translation>
        <numerusform>已忽略 %n 处</numerusform>
      </translation>
    </message>
    <message>
      <source>Nothing doubtful was found.</source>
      <translation>没有发现可疑之处。</translation>
    </message>
    <message numerus="yes">
      <source>Put right, without a judgement, of this kind: %n. It can be undone.</source>
      <translation>
        <numerusform>此类中有 %n 处无需判断即可修正，并且可以撤销。</numerusform>
      </translation>
    </message>
    <message>
      <source>A person has to decide about findings of this kind.</source>
      <translation>此类问题需要由人来判断。</translation>
    </message>
  </context>
  <context>
    <name>Linting</name>
    <message>
      <source>Look for doubtful regions</source>
      <translation>查找可疑区域</translation>
    </message>
    <message>
      <source>There is no other finding: look for some on the page “Doubtful regions”.</source>
      <translation>没有其他可疑之处：请先在“可疑区域”页面进行检查。</translation>
    </message>
    <message>
      <source>There is no other finding in this direction.</source>
      <translation>这个方向上没有其他可疑之处。</translation>
    </message>
  </context>
  <context>
    <name>LookAlikes</name>
    <message>
      <source>Accept or name a region first: then you can apply that to its look-alikes.</source>
      <translation>请先接受或命名一个区域，然后才能应用到与它相似的区域。</translation>
    </message>
    <message>
      <source>No region that waits looks like this “{}”.</source>
      <translation>没有待审核的区域看起来像这个“{}”。</translation>
    </message>
  </context>
  <context>
    <name>LookForLine</name>
    <message>
      <source>The categories of the project</source>
      <translation>项目的类别</translation>
    </message>
    <message>
      <source>What to look for</source>
      <translation>要找什么</translation>
    </message>
    <message>
      <source>With commas: red car, traffic sign. Empty: the project's categories. Enter suggests boxes, Esc closes</source>
      <translation>用逗号分隔：red car, traffic sign。留空则为项目的类别。Enter 建议方框，Esc 关闭</translation>
    </message>
    <message>
      <source>{} suggests the boxes.</source>
      <translation>由 {} 建议方框。</translation>
    </message>
    <message>
      <source>Words need a detector: add one on the page Models, and let it suggest boxes.</source>
      <translation>词语需要检测器：请在“模型”页面添加一个，并让它建议方框。</translation>
    </message>
  </context>
  <context>
    <name>Loss</name>
    <message>
      <source>left out</source>
      <translation>已略去</translation>
    </message>
    <message>
      <source>changed</source>
      <translation>已更改</translation>
    </message>
    <message>
      <source>written, but other programs skip it</source>
      <translation>已写出，但其他程序会跳过</translation>
    </message>
  </context>
  <context>
    <name>LossTable</name>
    <message>
      <source>Field</source>
      <translation>字段</translation>
    </message>
    <message>
      <source>What happened</source>
      <translation>发生了什么</translation>
    </message>
    <message>
      <source>How often</source>
      <translation>次数</translation>
    </message>
    <message>
      <source>Example</source>
      <translation>示例</translation>
    </message>
    <message>
      <source>What was lost</source>
      <translation>损失的内容</translation>
    </message>
    <message>
      <source>image</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>not written: {}</source>
      <translation>未写出：{}</translation>
    </message>
    <message>
      <source>more images were not written</source>
      <translation>还有更多图像未写出</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>This folder is open for reading only. {}</source>
      <translation>此文件夹以只读方式打开。{}</translation>
    </message>
    <message>
      <source>The folder {} cannot be written: you can look, but boxes cannot be drawn here.</source>
      <translation>无法写入文件夹 {}：可以查看，但不能在此画框。</translation>
    </message>
    <message>
      <source>Restore the backup</source>
      <translation>恢复备份</translation>
    </message>
    <message>
      <source>The backup is in use; the damaged file was kept as {}.</source>
      <translation>已改用备份；损坏的文件保留为 {}。</translation>
    </message>
    <message>
      <source>RoI Assistant</source>
      <translation>RoI Assistant</translation>
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation>最近打开(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Panels</source>
      <translation>面板(&amp;P)</translation>
    </message>
    <message>
      <source>Storing the last changes; the window closes by itself. Close it again to stop.</source>
      <translation>正在保存最后的更改；窗口会自行关闭。再次关闭可立即停止。</translation>
    </message>
    <message>
      <source>Open {}</source>
      <translation>打开 {}</translation>
    </message>
    <message>
      <source>image</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>Open a folder of images</source>
      <translation>打开图像文件夹</translation>
    </message>
    <message>
      <source>The folder is {}.</source>
      <translation>文件夹位于 {}。</translation>
    </message>
    <message>
      <source>Learn from the project of another folder</source>
      <translation>从另一个文件夹的项目学习</translation>
    </message>
  </context>
  <context>
    <name>MessageStrip</name>
    <message>
      <source>Note</source>
      <translation>提示</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>完成</translation>
    </message>
    <message>
      <source>Warning</source>
      <translation>警告</translation>
    </message>
    <message>
      <source>Error</source>
      <translation>错误</translation>
    </message>
  </context>
  <context>
    <name>MiniMap</name>
    <message>
      <source>Overview of the image</source>
      <translation>图像总览</translation>
    </message>
    <message>
      <source>The whole image: click or drag to look elsewhere</source>
      <translation>整幅图像：点击或拖动以查看别处</translation>
    </message>
  </context>
  <context>
    <name>ModelsPage</name>
    <message>
      <source>Models</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Add a model that you have</source>
      <translation>添加您已有的模型</translation>
    </message>
    <message>
      <source>Folder or address</source>
      <translation>文件夹或地址</translation>
    </message>
    <message>
      <source>Choose a folder…</source>
      <translation>选择文件夹…</translation>
    </message>
    <message>
      <source>Name of the model, if the server has several</source>
      <translation>模型的名称（如果服务器有多个）</translation>
    </message>
    <message>
      <source>Name of the model on the server</source>
      <translation>服务器上模型的名称</translation>
    </message>
    <message>
      <source>Send photos to that computer</source>
      <translation>把照片发送到那台计算机</translation>
    </message>
    <message>
      <source>The address is not this computer: whoever runs the server sees the photos</source>
      <translation>该地址不是本机：运行服务器的人会看到照片</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>添加</translation>
    </message>
    <message>
      <source>In use</source>
      <translation>使用中</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>使用</translation>
    </message>
    <message>
      <source>Use {}</source>
      <translation>使用 {}</translation>
    </message>
    <message>
      <source>Forget</source>
      <translation>忘记</translation>
    </message>
    <message>
      <source>Its files, or its server, stay as they are</source>
      <translation>它的文件或服务器保持不变</translation>
    </message>
    <message>
      <source>Forget {}</source>
      <translation>忘记 {}</translation>
    </message>
    <message>
      <source>Choose the folder of a model</source>
      <translation>选择模型的文件夹</translation>
    </message>
    <message>
      <source>Looking at {}…</source>
      <translation>正在查看 {}…</translation>
    </message>
    <message>
      <source>Suggests boxes</source>
      <translation>建议方框</translation>
    </message>
    <message>
      <source>The model itself, or a detector: one that knows classes, or one that finds what you name in words.</source>
      <translation>模型本身，或者检测器：可以是类别固定的，也可以是按您写的词语查找的。</translation>
    </message>
    <message>
      <source>A folder with a checkpoint of a vision-language model or a detector (config.json and safetensors files), or a server that runs already: vLLM, SGLang, llama.cpp, Ollama, LM Studio. Nothing is downloaded or copied.</source>
      <translation>视觉语言模型或检测器的检查点文件夹（config.json 和 safetensors 文件），或者已在运行的服务器：vLLM、SGLang、llama.cpp、Ollama、LM Studio。不会下载或复制任何内容。</translation>
    </message>
    <message>
      <source>The model itself</source>
      <translation>模型本身</translation>
    </message>
    <message>
      <source>Let {} suggest boxes</source>
      <translation>让 {} 建议方框</translation>
    </message>
    <message>
      <source>The model is there: press Use to work with it.</source>
      <translation>模型已就绪：按“使用”即可用它工作。</translation>
    </message>
    <message>
      <source>What writes captions and attributes. A change counts from the next box on. The second model is asked only when you want to compare: it answers beside the words that are there.</source>
      <translation>由谁来写描述和属性。更改从下一个框起生效。只有在您想比较时才询问第二个模型：它的回答列在现有文字旁边。</translation>
    </message>
    <message>
      <source>Second model</source>
      <translation>第二个模型</translation>
    </message>
    <message>
      <source>Use as second</source>
      <translation>用作第二个</translation>
    </message>
    <message>
      <source>Asks this model about boxes that have words already: Shift+R</source>
      <translation>就已有文字的框询问这个模型：Shift+R</translation>
    </message>
    <message>
      <source>Use {} as second model</source>
      <translation>将 {} 用作第二个模型</translation>
    </message>
  </context>
  <context>
    <name>NoticeLine</name>
    <message>
      <source>Note</source>
      <translation>提示</translation>
    </message>
    <message>
      <source>Warning</source>
      <translation>警告</translation>
    </message>
    <message>
      <source>Error</source>
      <translation>错误</translation>
    </message>
    <message>
      <source>Dismiss</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Dismiss this message</source>
      <translation>关闭此消息</translation>
    </message>
  </context>
  <context>
    <name>NotificationBar</name>
    <message numerus="yes">
      <source>%n more</source>
      <translation>
        <numerusform>还有 %n 条</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>OutcomesCard</name>
    <message>
      <source>model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>given</source>
      <translation>给出</translation>
    </message>
    <message>
      <source>accepted unchanged</source>
      <translation>原样接受</translation>
    </message>
    <message>
      <source>alternative chosen</source>
      <translation>选用备选</translation>
    </message>
    <message>
      <source>edited</source>
      <translation>已编辑</translation>
    </message>
    <message>
      <source>words changed</source>
      <translation>改动的词</translation>
    </message>
    <message>
      <source>rejected</source>
      <translation>已拒绝</translation>
    </message>
    <message>
      <source>passed over</source>
      <translation>未采用</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>等待中</translation>
    </message>
    <message>
      <source>Of what the project holds now; deleted regions and replaced suggestions are not counted.</source>
      <translation>只统计项目现有内容；已删除的区域和已被替换的建议不计入。</translation>
    </message>
    <message>
      <source>Only the latest {} of {} regions were read.</source>
      <translation>只读取了最近的 {} 个区域，共 {} 个。</translation>
    </message>
  </context>
  <context>
    <name>OverviewCards</name>
    <message>
      <source>Show these images</source>
      <translation>显示这些图像</translation>
    </message>
    <message>
      <source>Review</source>
      <translation>审核</translation>
    </message>
    <message>
      <source>Model and people</source>
      <translation>模型与人</translation>
    </message>
    <message>
      <source>Categories</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Attributes</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Vocabulary</source>
      <translation>词汇</translation>
    </message>
    <message>
      <source>Words per caption</source>
      <translation>每条描述的词数</translation>
    </message>
    <message>
      <source>Positions of boxes</source>
      <translation>框的位置</translation>
    </message>
    <message>
      <source>Width and height of boxes</source>
      <translation>框的宽和高</translation>
    </message>
    <message>
      <source>Box sizes</source>
      <translation>框的大小</translation>
    </message>
    <message>
      <source>Decisions per day</source>
      <translation>每日审核数</translation>
    </message>
    <message>
      <source>{} others</source>
      <translation>其他 {} 个</translation>
    </message>
    <message>
      <source>No image size is known yet: open some images.</source>
      <translation>还不知道任何图像的尺寸：请打开一些图像。</translation>
    </message>
    <message>
      <source>Right as suggested</source>
      <translation>建议直接正确</translation>
    </message>
    <message>
      <source>Each model in numbers</source>
      <translation>各模型的数字</translation>
    </message>
  </context>
  <context>
    <name>OverviewPage</name>
    <message>
      <source>Overview</source>
      <translation>概览</translation>
    </message>
    <message>
      <source>What is in this project. A click on a bar shows the images behind it.</source>
      <translation>此项目的内容。点击条形即可显示相应的图像。</translation>
    </message>
    <message>
      <source>No regions yet</source>
      <translation>还没有区域</translation>
    </message>
    <message>
      <source>Draw boxes on your images, or let the model caption boxes that you import; figures appear here.</source>
      <translation>在图像上画框，或让模型描述导入的框；统计会显示在这里。</translation>
    </message>
    <message>
      <source>images</source>
      <translation>张图像</translation>
    </message>
    <message>
      <source>regions</source>
      <translation>个区域</translation>
    </message>
    <message>
      <source>of the regions reviewed</source>
      <translation>的区域已审核</translation>
    </message>
    <message>
      <source>of reviewed suggestions accepted unchanged</source>
      <translation>的已审核建议被原样接受</translation>
    </message>
    <message>
      <source>different words</source>
      <translation>个不同的词</translation>
    </message>
    <message>
      <source>Count again</source>
      <translation>重新统计</translation>
    </message>
    <message>
      <source>Read the figures of the project again</source>
      <translation>重新读取项目的统计</translation>
    </message>
    <message>
      <source>Open a folder first.</source>
      <translation>请先打开一个文件夹。</translation>
    </message>
    <message>
      <source>Counting…</source>
      <translation>正在统计…</translation>
    </message>
    <message>
      <source>The project cannot be read: {}</source>
      <translation>无法读取项目：{}</translation>
    </message>
  </context>
  <context>
    <name>PageFrame</name>
    <message>
      <source>Back</source>
      <translation>返回</translation>
    </message>
    <message>
      <source>Back (Esc)</source>
      <translation>返回 (Esc)</translation>
    </message>
  </context>
  <context>
    <name>Picture</name>
    <message>
      <source>Loading…</source>
      <translation>正在加载…</translation>
    </message>
  </context>
  <context>
    <name>PositionsCard</name>
    <message>
      <source>across the image</source>
      <translation>图像横向</translation>
    </message>
    <message>
      <source>down the image</source>
      <translation>图像纵向</translation>
    </message>
    <message>
      <source>{} box centers at {} across and {} down</source>
      <translation>{} 个框的中心位于横向 {}、纵向 {}</translation>
    </message>
    <message>
      <source>Boxes: {}. Most centers ({}) lie near {} across and {} down.</source>
      <translation>框：{} 个。中心最集中处（{} 个）约在横向 {}、纵向 {}。</translation>
    </message>
  </context>
  <context>
    <name>PromptsPage</name>
    <message>
      <source>Prompts</source>
      <translation>提示词</translation>
    </message>
    <message>
      <source>What a model that understands words is asked for in this project: models of your own, and servers. The embedded model has learned its questions and is not asked in other words. Attributes have their questions on the page of attributes.</source>
      <translation>在这个项目中向能理解文字的模型（您自己的模型和服务器）提出的要求。内置模型学过它的问题，不会用别的话来问。属性的问题在属性页面上。</translation>
    </message>
    <message>
      <source>Where to look ({} is where the box is told)</source>
      <translation>看哪里（{} 处说明框的位置）</translation>
    </message>
    <message>
      <source>A caption that is a phrase</source>
      <translation>短语形式的描述</translation>
    </message>
    <message>
      <source>A caption that is a sentence</source>
      <translation>句子形式的描述</translation>
    </message>
    <message>
      <source>A caption that is a description</source>
      <translation>详细描述</translation>
    </message>
    <message>
      <source>The category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Tried on the selected box</source>
      <translation>在所选框上试过</translation>
    </message>
    <message>
      <source>As the program asks</source>
      <translation>按程序的问法</translation>
    </message>
    <message>
      <source>Try</source>
      <translation>试一试</translation>
    </message>
    <message>
      <source>Ask about the selected box with these words; nothing is stored</source>
      <translation>用这些话询问所选的框；不会保存任何东西</translation>
    </message>
    <message>
      <source>Keep</source>
      <translation>保留</translation>
    </message>
    <message>
      <source>Ask with these words in this project from now on</source>
      <translation>从现在起在这个项目中用这些话询问</translation>
    </message>
    <message>
      <source>Asking…</source>
      <translation>正在询问…</translation>
    </message>
    <message>
      <source>category: {}</source>
      <translation>类别：{}</translation>
    </message>
  </context>
  <context>
    <name>Provenance</name>
    <message>
      <source>written by a person</source>
      <translation>由人撰写</translation>
    </message>
    <message>
      <source>measured from pixels</source>
      <translation>由像素测得</translation>
    </message>
    <message>
      <source>a model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Written by</source>
      <translation>作者</translation>
    </message>
    <message>
      <source>a person</source>
      <translation>人</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>分数</translation>
    </message>
    <message>
      <source>Prompt</source>
      <translation>提示词</translation>
    </message>
    <message>
      <source>Decoding</source>
      <translation>解码</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>When</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>a general word</source>
      <translation>较笼统的词</translation>
    </message>
    <message>
      <source>from the caption</source>
      <translation>由描述得出</translation>
    </message>
    <message>
      <source>Derived from</source>
      <translation>来源</translation>
    </message>
    <message>
      <source>the caption, by its noun</source>
      <translation>描述中的名词</translation>
    </message>
  </context>
  <context>
    <name>QueueBar</name>
    <message>
      <source>Order of the queue</source>
      <translation>队列的顺序</translation>
    </message>
    <message>
      <source>Least certain first</source>
      <translation>最没把握的在前</translation>
    </message>
    <message>
      <source>By category</source>
      <translation>按类别</translation>
    </message>
    <message>
      <source>By model</source>
      <translation>按模型</translation>
    </message>
    <message>
      <source>By image</source>
      <translation>按图像</translation>
    </message>
    <message>
      <source>Filter by words</source>
      <translation>按文字筛选</translation>
    </message>
    <message>
      <source>Filter the queue by words</source>
      <translation>按文字筛选队列</translation>
    </message>
    <message>
      <source>Decided since the folder was opened, your pace lately, and what is left</source>
      <translation>打开文件夹以来的审核数、近来的速度和剩余数</translation>
    </message>
    <message>
      <source>{count} decided</source>
      <translation>已审核 {count}</translation>
    </message>
    <message>
      <source>{pace} per minute</source>
      <translation>每分钟 {pace}</translation>
    </message>
    <message>
      <source>{count} left</source>
      <translation>剩余 {count}</translation>
    </message>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Any</source>
      <translation>任意</translation>
    </message>
    <message>
      <source>Teaches most first</source>
      <translation>最值得教的在前</translation>
    </message>
    <message>
      <source>Models disagree most first</source>
      <translation>模型分歧最大的优先</translation>
    </message>
  </context>
  <context>
    <name>ReadingChoice</name>
    <message>
      <source>Read what is written in boxes into the attribute “{}”</source>
      <translation>读取框内的文字，填入属性“{}”</translation>
    </message>
    <message>
      <source>Signs, plates, labels and screens, upright or turned, beside any model. It needs roi-assistant[ocr] and sends nothing anywhere. Holds at once, without saving the schema.</source>
      <translation>招牌、车牌、标签和屏幕上的文字，正放或旋转均可，可与任何模型配合。需要 roi-assistant[ocr]，不会向外发送任何内容。立即生效，无需保存属性方案。</translation>
    </message>
  </context>
  <context>
    <name>RegionDelegate</name>
    <message>
      <source>writing…</source>
      <translation>正在写…</translation>
    </message>
    <message>
      <source>no caption</source>
      <translation>无描述</translation>
    </message>
    <message>
      <source>copied</source>
      <translation>已复制</translation>
    </message>
  </context>
  <context>
    <name>RegionEditor</name>
    <message>
      <source>Accept</source>
      <translation>接受</translation>
    </message>
    <message>
      <source>Accept what stands here (Enter)</source>
      <translation>接受此处的内容 (Enter)</translation>
    </message>
    <message>
      <source>Reject</source>
      <translation>拒绝</translation>
    </message>
    <message>
      <source>Reject it (X)</source>
      <translation>拒绝 (X)</translation>
    </message>
    <message>
      <source>Reopen</source>
      <translation>重新打开</translation>
    </message>
    <message>
      <source>Back to be reviewed</source>
      <translation>退回待审核</translation>
    </message>
    <message>
      <source>Lock the box</source>
      <translation>锁定框</translation>
    </message>
    <message>
      <source>Lock: the region is neither moved nor changed</source>
      <translation>锁定：区域既不能移动也不能更改</translation>
    </message>
    <message>
      <source>{count} regions selected</source>
      <translation>已选择 {count} 个区域</translation>
    </message>
    <message>
      <source>Accept, reject or reopen all of them below.</source>
      <translation>在下方接受、拒绝或重新打开全部所选区域。</translation>
    </message>
    <message>
      <source>No image</source>
      <translation>没有图像</translation>
    </message>
    <message>
      <source>Open a folder of images to begin.</source>
      <translation>打开一个图像文件夹以开始。</translation>
    </message>
    <message>
      <source>No region selected</source>
      <translation>未选择区域</translation>
    </message>
    <message>
      <source>Draw a box (W) or select one on the picture or in the list.</source>
      <translation>画一个框 (W)，或在图片或列表中选择一个。</translation>
    </message>
    <message>
      <source>The model is writing…</source>
      <translation>模型正在写…</translation>
    </message>
    <message>
      <source>No caption yet</source>
      <translation>还没有描述</translation>
    </message>
  </context>
  <context>
    <name>RegionForm</name>
    <message>
      <source>Attributes</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Alternatives</source>
      <translation>备选</translation>
    </message>
    <message>
      <source>Category</source>
      <translation>类别</translation>
    </message>
  </context>
  <context>
    <name>RegionLayer</name>
    <message numerus="yes">
      <source>%n region(s).</source>
      <translation>
        <numerusform>%n 个区域。</numerusform>
      </translation>
    </message>
    <message>
      <source>Region {number} is selected: {caption}</source>
      <translation>已选择区域 {number}：{caption}</translation>
    </message>
    <message>
      <source>no caption</source>
      <translation>无描述</translation>
    </message>
    <message numerus="yes">
      <source>%n selected.</source>
      <translation>
        <numerusform>已选择 %n 个。</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>RegionList</name>
    <message>
      <source>Regions</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Enter accepts, X rejects, E edits, 1-9 takes an alternative, Delete removes the selected regions</source>
      <translation>Enter 接受，X 拒绝，E 编辑，1-9 采用备选，Delete 删除所选区域</translation>
    </message>
    <message>
      <source>No regions yet</source>
      <translation>还没有区域</translation>
    </message>
    <message>
      <source>Draw a box (W) on the picture.</source>
      <translation>在图片上画一个框 (W)。</translation>
    </message>
    <message>
      <source>No image</source>
      <translation>没有图像</translation>
    </message>
    <message>
      <source>Open a folder of images to begin.</source>
      <translation>打开一个图像文件夹以开始。</translation>
    </message>
    <message>
      <source>{done} of {total} reviewed</source>
      <translation>已审核 {done} / {total}</translation>
    </message>
  </context>
  <context>
    <name>RegionModel</name>
    <message>
      <source>No caption yet</source>
      <translation>还没有描述</translation>
    </message>
    <message>
      <source>The model is unsure of this one.</source>
      <translation>模型对此没有把握。</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>Region {number}: {caption}, {category}, {state}</source>
      <translation>区域 {number}：{caption}，{category}，{state}</translation>
    </message>
    <message>
      <source>no caption</source>
      <translation>无描述</translation>
    </message>
    <message>
      <source>no category</source>
      <translation>无类别</translation>
    </message>
    <message>
      <source>unsure</source>
      <translation>没有把握</translation>
    </message>
    <message>
      <source>the model is writing</source>
      <translation>模型正在写</translation>
    </message>
    <message>
      <source>Copied from {image}</source>
      <translation>复制自 {image}</translation>
    </message>
    <message>
      <source>copied</source>
      <translation>已复制</translation>
    </message>
  </context>
  <context>
    <name>ReviewCard</name>
    <message>
      <source>accepted</source>
      <translation>已接受</translation>
    </message>
    <message>
      <source>edited</source>
      <translation>已编辑</translation>
    </message>
    <message>
      <source>suggested</source>
      <translation>待审核</translation>
    </message>
    <message>
      <source>rejected</source>
      <translation>已拒绝</translation>
    </message>
    <message>
      <source>Reviewed: {} of {} regions. Boxes without any words: {}.</source>
      <translation>已审核：{} / {} 个区域。没有任何文字的框：{}。</translation>
    </message>
  </context>
  <context>
    <name>ReviewQueue</name>
    <message>
      <source>The review queue cannot be read. {}</source>
      <translation>无法读取审核队列。{}</translation>
    </message>
    <message>
      <source>Region of {image}</source>
      <translation>{image} 的区域</translation>
    </message>
    <message>
      <source>No folder is open</source>
      <translation>没有打开的文件夹</translation>
    </message>
    <message>
      <source>Open a folder of images to begin.</source>
      <translation>打开一个图像文件夹以开始。</translation>
    </message>
    <message>
      <source>Reading the queue…</source>
      <translation>正在读取队列…</translation>
    </message>
    <message>
      <source>That was the last one</source>
      <translation>这是最后一个</translation>
    </message>
    <message>
      <source>K goes back, U takes the last one back.</source>
      <translation>K 返回，U 撤回上一个决定。</translation>
    </message>
    <message>
      <source>No suggestion matches</source>
      <translation>没有匹配的建议</translation>
    </message>
    <message>
      <source>Change the filters above.</source>
      <translation>请更改上方的筛选条件。</translation>
    </message>
    <message>
      <source>Nothing to review</source>
      <translation>没有待审核的内容</translation>
    </message>
    <message>
      <source>All suggestions are decided. Draw boxes, or caption all boxes, to get more.</source>
      <translation>所有建议都已审核。画框或描述所有框可得到更多建议。</translation>
    </message>
    <message>
      <source>This region is locked: open it (O) and unlock it first.</source>
      <translation>此区域已锁定：请先打开它 (O) 并解锁。</translation>
    </message>
    <message>
      <source>This region was changed in the meantime; the queue was read again.</source>
      <translation>此区域在此期间已更改；队列已重新读取。</translation>
    </message>
    <message>
      <source>The decision on {image} was not stored. {why}</source>
      <translation>对 {image} 的决定没有保存。{why}</translation>
    </message>
  </context>
  <context>
    <name>ReviewState</name>
    <message>
      <source>suggested</source>
      <translation>待审核</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>已接受</translation>
    </message>
    <message>
      <source>edited</source>
      <translation>已编辑</translation>
    </message>
    <message>
      <source>rejected</source>
      <translation>已拒绝</translation>
    </message>
  </context>
  <context>
    <name>SchemaEditor</name>
    <message>
      <source>Attributes</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>What is asked about every region of this project: the model suggests values, you correct them in the region editor. Saving is one step that can be taken back.</source>
      <translation>对此项目的每个区域要问的内容：模型给出建议值，您在区域编辑器中更正。保存是可以撤回的一步。</translation>
    </message>
    <message>
      <source>The schema was changed elsewhere. What you typed is kept; Discard shows the stored one.</source>
      <translation>属性方案已在别处更改。您输入的内容会保留；“放弃”会显示已保存的方案。</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>Name of the schema</source>
      <translation>属性方案的名称</translation>
    </message>
    <message>
      <source>A name for this set of attributes</source>
      <translation>这组属性的名称</translation>
    </message>
    <message>
      <source>Preset</source>
      <translation>预设</translation>
    </message>
    <message>
      <source>Replace the list below by a ready-made one</source>
      <translation>用现成的列表替换下面的列表</translation>
    </message>
    <message>
      <source>Import…</source>
      <translation>导入…</translation>
    </message>
    <message>
      <source>Read a schema from a JSON file</source>
      <translation>从 JSON 文件读取属性方案</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>导出…</translation>
    </message>
    <message>
      <source>Write this schema to a JSON file</source>
      <translation>将此属性方案写入 JSON 文件</translation>
    </message>
    <message>
      <source>Delete removes an attribute, Alt+Up and Alt+Down move it, or drag it</source>
      <translation>Delete 移除属性，Alt+Up 和 Alt+Down 移动属性，也可以拖动</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>添加</translation>
    </message>
    <message>
      <source>Add an attribute (Insert)</source>
      <translation>添加属性 (Insert)</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Remove this attribute (Delete)</source>
      <translation>移除此属性 (Delete)</translation>
    </message>
    <message>
      <source>Move up (Alt+Up)</source>
      <translation>上移 (Alt+Up)</translation>
    </message>
    <message>
      <source>Move down (Alt+Down)</source>
      <translation>下移 (Alt+Down)</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>上移</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>下移</translation>
    </message>
    <message>
      <source>Attribute</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Name of the attribute</source>
      <translation>属性的名称</translation>
    </message>
    <message>
      <source>How the attribute is called in the form and in exports</source>
      <translation>属性在表单和导出文件中的名称</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>种类</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>取值</translation>
    </message>
    <message>
      <source>Allowed values, one per line</source>
      <translation>允许的取值，每行一个</translation>
    </message>
    <message>
      <source>One value per line, or several with commas</source>
      <translation>每行一个值，或用逗号分隔多个</translation>
    </message>
    <message>
      <source>Question to the model</source>
      <translation>向模型提出的问题</translation>
    </message>
    <message>
      <source>The question that is put to the model; &lt;region1&gt; stands for the region</source>
      <translation>向模型提出的问题；&lt;region1&gt; 代表区域</translation>
    </message>
    <message>
      <source>For example: what color is &lt;region1&gt;?</source>
      <translation>例如：what color is &lt;region1&gt;?</translation>
    </message>
    <message>
      <source>Question</source>
      <translation>问题</translation>
    </message>
    <message>
      <source>What saving changes</source>
      <translation>保存会改变什么</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>预览</translation>
    </message>
    <message>
      <source>The form in the region editor. Nothing that you try here is stored.</source>
      <translation>区域编辑器中的表单。在此试填的内容不会保存。</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>放弃</translation>
    </message>
    <message>
      <source>Go back to the stored schema</source>
      <translation>恢复为已保存的属性方案</translation>
    </message>
    <message>
      <source>Save schema</source>
      <translation>保存属性方案</translation>
    </message>
    <message>
      <source>Save as one step that can be taken back (Ctrl+S)</source>
      <translation>保存为可以撤回的一步 (Ctrl+S)</translation>
    </message>
    <message>
      <source>Undo last save</source>
      <translation>撤销上次保存</translation>
    </message>
    <message>
      <source>Take back the last saved change of the schema</source>
      <translation>撤回对属性方案上次保存的更改</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>重做</translation>
    </message>
    <message>
      <source>Bring back the change that was taken back</source>
      <translation>恢复被撤回的更改</translation>
    </message>
    <message>
      <source>The schema is saved. “Undo last save” takes it back.</source>
      <translation>属性方案已保存。“撤销上次保存”可以撤回。</translation>
    </message>
    <message>
      <source>(no name)</source>
      <translation>（无名称）</translation>
    </message>
    <message>
      <source>The project is open read-only.</source>
      <translation>项目以只读方式打开。</translation>
    </message>
    <message>
      <source>Give the schema a name.</source>
      <translation>请为属性方案命名。</translation>
    </message>
    <message>
      <source>Not saved yet.</source>
      <translation>尚未保存。</translation>
    </message>
    <message>
      <source>Add an attribute, or take a preset.</source>
      <translation>添加属性，或采用预设。</translation>
    </message>
    <message>
      <source>The answer is yes or no.</source>
      <translation>答案为是或否。</translation>
    </message>
    <message>
      <source>Any text may be entered.</source>
      <translation>可以输入任意文本。</translation>
    </message>
    <message>
      <source>One value per line. Values: {}.</source>
      <translation>每行一个值。取值数：{}。</translation>
    </message>
    <message>
      <source>Give the attribute a name.</source>
      <translation>请为属性命名。</translation>
    </message>
    <message>
      <source>There is another attribute called “{}”: choose a different name.</source>
      <translation>已有名为“{}”的属性：请换一个名称。</translation>
    </message>
    <message>
      <source>Enter the values that may be chosen, or take another kind.</source>
      <translation>请输入可供选择的值，或换一个种类。</translation>
    </message>
    <message>
      <source>The value “{}” is there twice: remove one.</source>
      <translation>值“{}”出现了两次：请移除一个。</translation>
    </message>
    <message>
      <source>“{}” is removed. The file keeps its values, no form shows them. Regions concerned: {}.</source>
      <translation>“{}”被移除。文件保留其值，但表单不再显示。涉及的区域：{}。</translation>
    </message>
    <message>
      <source>“{}” becomes “{}”. Values keep to it under the new name. Regions concerned: {}.</source>
      <translation>“{}”改名为“{}”。原有的值随之归到新名称下。涉及的区域：{}。</translation>
    </message>
    <message>
      <source>“{}” changes its kind. Values stay as they are. Regions concerned: {}.</source>
      <translation>“{}”的种类改变。原有的值保持不变。涉及的区域：{}。</translation>
    </message>
    <message>
      <source>“{}” of “{}” can no longer be chosen. Regions that keep it: {}.</source>
      <translation>值“{}”（属性“{}”）不能再选择。保留此值的区域：{}。</translation>
    </message>
    <message>
      <source>Looking for presets…</source>
      <translation>正在查找预设…</translation>
    </message>
    <message>
      <source>Import a schema</source>
      <translation>导入属性方案</translation>
    </message>
    <message>
      <source>JSON files (*.json)</source>
      <translation>JSON 文件 (*.json)</translation>
    </message>
    <message>
      <source>Export the schema</source>
      <translation>导出属性方案</translation>
    </message>
    <message>
      <source>The schema was written to {}.</source>
      <translation>属性方案已写入 {}。</translation>
    </message>
  </context>
  <context>
    <name>SchemaPreview</name>
    <message>
      <source>No attributes: regions have a category and a caption only.</source>
      <translation>没有属性：区域只有类别和描述。</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>是</translation>
    </message>
    <message>
      <source>no</source>
      <translation>否</translation>
    </message>
    <message>
      <source>and {} more</source>
      <translation>以及另外 {} 个</translation>
    </message>
  </context>
  <context>
    <name>SecondAnswer</name>
    <message>
      <source>Next answer</source>
      <translation>下一个回答</translation>
    </message>
    <message>
      <source>Keep left</source>
      <translation>保留左侧</translation>
    </message>
    <message>
      <source>Accept what stands there (L in the review queue)</source>
      <translation>接受现有文字（审阅队列中按 L）</translation>
    </message>
    <message>
      <source>Take right</source>
      <translation>采用右侧</translation>
    </message>
    <message>
      <source>Accept the other model's words (Shift+Return; R in the review queue)</source>
      <translation>接受另一个模型的文字（Shift+Return；审阅队列中按 R）</translation>
    </message>
    <message>
      <source>Another model</source>
      <translation>另一个模型</translation>
    </message>
    <message>
      <source>Both say the same.</source>
      <translation>两者说法相同。</translation>
    </message>
    <message>
      <source>stands there</source>
      <translation>现有文字</translation>
    </message>
    <message>
      <source>caption</source>
      <translation>描述</translation>
    </message>
    <message>
      <source>category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Take {part}: {words}</source>
      <translation>采用{part}：{words}</translation>
    </message>
    <message>
      <source>Take only this from the other model</source>
      <translation>只从另一个模型采用这一项</translation>
    </message>
  </context>
  <context>
    <name>SecondModel</name>
    <message>
      <source>There are no words to compare yet: let the first model describe the region, or write a caption.</source>
      <translation>还没有可比较的文字：请先让第一个模型描述该区域，或自己写一条描述。</translation>
    </message>
    <message>
      <source>No second model is chosen: choose one on the page Models (Edit, Models).</source>
      <translation>尚未选择第二个模型：请在“模型”页（编辑，模型）中选择一个。</translation>
    </message>
    <message>
      <source>The first model is at work on many boxes: ask the second one when it has ended.</source>
      <translation>第一个模型正在处理许多框：等它结束后再询问第二个模型。</translation>
    </message>
    <message>
      <source>{} answers now; the first model makes room and comes back afterwards.</source>
      <translation>现在由 {} 回答；第一个模型让出内存，之后再回来。</translation>
    </message>
    <message>
      <source>The first model is back.</source>
      <translation>第一个模型回来了。</translation>
    </message>
  </context>
  <context>
    <name>Sentences</name>
    <message>
      <source>Box {box} has a coordinate that is not a finite number.</source>
      <translation>框 {box} 有一个坐标不是有限的数。</translation>
    </message>
    <message>
      <source>Box {box} has no area: give x1,y1,x2,y2 with x1 &lt; x2 and y1 &lt; y2.</source>
      <translation>框 {box} 没有面积：请给出 x1,y1,x2,y2，且 x1 &lt; x2、y1 &lt; y2。</translation>
    </message>
    <message>
      <source>Box {numbers} must be four numbers: x, y, width, height.</source>
      <translation>框 {numbers} 必须是四个数：x、y、宽、高。</translation>
    </message>
    <message>
      <source>Box {box} has a negative width or height.</source>
      <translation>框 {box} 的宽或高为负。</translation>
    </message>
    <message>
      <source>Box {box} lies outside the image of {width} x {height} pixels.</source>
      <translation>框 {box} 在 {width} x {height} 像素的图像之外。</translation>
    </message>
    <message>
      <source>Two attributes cannot exchange names with the same third: nothing was changed.</source>
      <translation>两个属性不能与同一个第三属性互换名称：未作任何更改。</translation>
    </message>
    <message>
      <source>{label} on {image} must name each region once: it was not applied.</source>
      <translation>{image} 上的 {label} 对每个区域只能提到一次：未应用。</translation>
    </message>
    <message>
      <source>Region {region} of {image}</source>
      <translation>{image} 的区域 {region}</translation>
    </message>
    <message>
      <source>{where} is not there any more: nothing was changed; open the image again.</source>
      <translation>{where} 已不存在：未作任何更改；请重新打开该图像。</translation>
    </message>
    <message>
      <source>{where} is there already: nothing was changed; open the image again.</source>
      <translation>{where} 已经存在：未作任何更改；请重新打开该图像。</translation>
    </message>
    <message>
      <source>{where} was changed in the meantime: nothing was changed; open the image again.</source>
      <translation>{where} 在此期间已被更改：未作任何更改；请重新打开该图像。</translation>
    </message>
    <message>
      <source>The model's tokenizer has no token {token}: it belongs to another model.</source>
      <translation>模型的分词器没有记号 {token}：它属于另一个模型。</translation>
    </message>
    <message>
      <source>A list is needed, not {data}.</source>
      <translation>需要一个列表，而不是 {data}。</translation>
    </message>
    <message>
      <source>A list of {count} is needed, not {data}.</source>
      <translation>需要一个有 {count} 项的列表，而不是 {data}。</translation>
    </message>
    <message>
      <source>One of {choices} is needed, not {data}.</source>
      <translation>需要 {choices} 之一，而不是 {data}。</translation>
    </message>
    <message>
      <source>{kind} is needed, not {data}.</source>
      <translation>需要 {kind}，而不是 {data}。</translation>
    </message>
    <message>
      <source>{token} is reserved for the model: refer to a box by &lt;region1&gt;.</source>
      <translation>{token} 是模型的保留记号：请用 &lt;region1&gt; 指代框。</translation>
    </message>
    <message>
      <source>&lt;&gt; is ambiguous with {n_boxes} boxes: write &lt;region1&gt; to &lt;region{n_boxes}&gt;.</source>
      <translation>有 {n_boxes} 个框时 &lt;&gt; 有歧义：请写 &lt;region1&gt; 到 &lt;region{n_boxes}&gt;。</translation>
    </message>
    <message>
      <source>{reference} refers to a box that does not exist: {choices}.</source>
      <translation>{reference} 指向不存在的框：{choices}。</translation>
    </message>
    <message>
      <source>there are no boxes</source>
      <translation>还没有框</translation>
    </message>
    <message>
      <source>there is one box, &lt;region1&gt;</source>
      <translation>只有一个框 &lt;region1&gt;</translation>
    </message>
    <message>
      <source>there are {n_boxes} boxes, &lt;region1&gt; to &lt;region{n_boxes}&gt;</source>
      <translation>共有 {n_boxes} 个框，&lt;region1&gt; 到 &lt;region{n_boxes}&gt;</translation>
    </message>
    <message>
      <source>The region has the caption {text} already.</source>
      <translation>该区域已有描述 {text}。</translation>
    </message>
    <message>
      <source>The region is locked: unlock it to move its box.</source>
      <translation>该区域已锁定：解锁后才能移动它的框。</translation>
    </message>
    <message>
      <source>There is no alternative {number}: the region has {count}.</source>
      <translation>没有候选 {number}：该区域只有 {count} 个。</translation>
    </message>
    <message>
      <source>A caption needs words: write some, or reject or delete the region.</source>
      <translation>描述需要有文字：请写一些，或者拒绝、删除该区域。</translation>
    </message>
    <message>
      <source>{name} is not JSON: {reason}.</source>
      <translation>{name} 不是 JSON：{reason}。</translation>
    </message>
    <message>
      <source>{name}, attribute {number}</source>
      <translation>{name}，第 {number} 个属性</translation>
    </message>
    <message>
      <source>attribute</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Attribute {name} is not in the schema {schema}; it has: {known}.</source>
      <translation>方案 {schema} 中没有属性 {name}；其中有：{known}。</translation>
    </message>
    <message>
      <source>Attribute {name} takes one value, not {count}: {choices}.</source>
      <translation>属性 {name} 只取一个值，而不是 {count} 个：{choices}。</translation>
    </message>
    <message>
      <source>{value} is not a value of the attribute {name}; choose from: {choices}.</source>
      <translation>{value} 不是属性 {name} 的值；可选：{choices}。</translation>
    </message>
    <message>
      <source>{where} ({name})</source>
      <translation>{where}（{name}）</translation>
    </message>
    <message>
      <source>{where}: "values" must be a list of words.</source>
      <translation>{where}：“values”必须是词的列表。</translation>
    </message>
    <message>
      <source>{where}: the kind {kind} must not have "values".</source>
      <translation>{where}：类型 {kind} 不能有“values”。</translation>
    </message>
    <message>
      <source>{where}: the kind {kind} needs "values".</source>
      <translation>{where}：类型 {kind} 需要“values”。</translation>
    </message>
    <message>
      <source>value</source>
      <translation>值</translation>
    </message>
    <message>
      <source>{where}: the {what} {name} occurs twice.</source>
      <translation>{where}：{what} {name} 出现了两次。</translation>
    </message>
    <message>
      <source>{path} cannot be written (it is a folder): give the path of a file.</source>
      <translation>{path} 无法写入（它是文件夹）：请给出文件的路径。</translation>
    </message>
    <message>
      <source>{path} cannot be written ({reason}): check that its folder exists, is writable and has space.</source>
      <translation>{path} 无法写入（{reason}）：请检查其文件夹是否存在、可写且有空间。</translation>
    </message>
    <message>
      <source>{path} is not below {root}: choose a root that holds all images.</source>
      <translation>{path} 不在 {root} 之下：请选择包含所有图像的根文件夹。</translation>
    </message>
    <message>
      <source>its review state is {state}</source>
      <translation>其审核状态为 {state}</translation>
    </message>
    <message>
      <source>Two categories have the same id: give each name its own.</source>
      <translation>两个类别的 id 相同：请让每个名称各有自己的 id。</translation>
    </message>
    <message>
      <source>Two images have the same id: give each its own.</source>
      <translation>两张图像的 id 相同：请让每张各有自己的 id。</translation>
    </message>
    <message>
      <source>Image {file_name} must be named by its POSIX path relative to the images' root.</source>
      <translation>图像 {file_name} 必须以相对于图像根文件夹的 POSIX 路径命名。</translation>
    </message>
    <message>
      <source>Image {file_name} occurs twice.</source>
      <translation>图像 {file_name} 出现了两次。</translation>
    </message>
    <message>
      <source>Image {file_name} has no width and height: read them from the file first.</source>
      <translation>图像 {file_name} 没有宽和高：请先从文件读取。</translation>
    </message>
    <message>
      <source>COCO needs one, so it is '{category}'</source>
      <translation>COCO 要求有类别，因此写为 '{category}'</translation>
    </message>
    <message>
      <source>it has no value</source>
      <translation>没有值</translation>
    </message>
    <message>
      <source>the region has another value of the same name</source>
      <translation>该区域已有同名的值</translation>
    </message>
    <message>
      <source>it has no caption</source>
      <translation>没有描述</translation>
    </message>
    <message>
      <source>the profile knows only '{category}'</source>
      <translation>此规格只有 '{category}' 类别</translation>
    </message>
    <message>
      <source>the profile holds one caption</source>
      <translation>此规格只容纳一条描述</translation>
    </message>
    <message>
      <source>the profile has no attributes</source>
      <translation>此规格没有属性</translation>
    </message>
    <message>
      <source>GPT4RoI skips images with a side under {least} pixels</source>
      <translation>GPT4RoI 会跳过边长不足 {least} 像素的图像</translation>
    </message>
    <message>
      <source>GPT4RoI skips boxes under {least} pixels of {side} x {side}</source>
      <translation>GPT4RoI 会跳过在 {side} x {side} 中不足 {least} 像素的框</translation>
    </message>
    <message>
      <source>Region {what} has a score that is not a finite number; JSON cannot hold it.</source>
      <translation>区域 {what} 的分数不是有限的数；JSON 无法存储。</translation>
    </message>
    <message>
      <source>resources/colors.json has other color names than this version: reinstall the program.</source>
      <translation>resources/colors.json 的颜色名称与此版本不符：请重新安装程序。</translation>
    </message>
    <message>
      <source>{name} is empty (0 bytes): copy or export it again.</source>
      <translation>{name} 是空的（0 字节）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{path} does not exist: check the path.</source>
      <translation>{path} 不存在：请检查路径。</translation>
    </message>
    <message>
      <source>{path} is a folder: give the path of a picture.</source>
      <translation>{path} 是文件夹：请给出图片的路径。</translation>
    </message>
    <message>
      <source>{path} is not a regular file: give the path of a picture.</source>
      <translation>{path} 不是普通文件：请给出图片的路径。</translation>
    </message>
    <message>
      <source>{path} is empty (0 bytes): copy or export it again.</source>
      <translation>{path} 是空的（0 字节）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): check the path and its permissions.</source>
      <translation>{path} 无法读取（{reason}）：请检查路径及其权限。</translation>
    </message>
    <message>
      <source>{name} is too large to be decoded ({reason}): make it smaller.</source>
      <translation>{name} 太大，无法解码（{reason}）：请缩小它。</translation>
    </message>
    <message>
      <source>{name} ({width} x {height} pixels) does not fit into memory: make it smaller.</source>
      <translation>{name}（{width} x {height} 像素）超出内存：请缩小它。</translation>
    </message>
    <message>
      <source>{name} is truncated or damaged ({reason}): copy or export it again.</source>
      <translation>{name} 不完整或已损坏（{reason}）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{name} starts as {format_name} but is truncated or damaged ({reason}): copy or export it again.</source>
      <translation>{name} 开头是 {format_name}，但不完整或已损坏（{reason}）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{name} is not a picture of a known format ({choices}): convert it to one of them.</source>
      <translation>{name} 不是已知格式（{choices}）的图片：请转换成其中之一。</translation>
    </message>
    <message>
      <source>Folder {folder} does not exist: check the path.</source>
      <translation>文件夹 {folder} 不存在：请检查路径。</translation>
    </message>
    <message>
      <source>{folder} is not a folder: give a folder of pictures.</source>
      <translation>{folder} 不是文件夹：请给出图片文件夹。</translation>
    </message>
    <message>
      <source>Folder {folder} cannot be listed ({reason}): check its permissions.</source>
      <translation>文件夹 {folder} 无法列出（{reason}）：请检查其权限。</translation>
    </message>
    <message>
      <source>Folder {folder} has no pictures in it or its sub-folders: looked for {choices}.</source>
      <translation>文件夹 {folder} 及其子文件夹里没有图片：查找的是 {choices}。</translation>
    </message>
    <message>
      <source>{path} has {width} x {height} pixels, too many for this format to be shown: make it smaller, or save it as JPEG or PNG, which can be shown reduced.</source>
      <translation>{path} 有 {width} x {height} 像素，对此格式来说太多而无法显示：请缩小它，或存为可以缩小显示的 JPEG 或 PNG。</translation>
    </message>
    <message>
      <source>{path} has {width} x {height} pixels and is an interlaced PNG or one without 8 bits a sample, which cannot be shown reduced: save it as a plain 8-bit PNG or as JPEG.</source>
      <translation>{path} 有 {width} x {height} 像素，且是隔行扫描的 PNG 或每样本不是 8 位，无法缩小显示：请存为普通的 8 位 PNG 或 JPEG。</translation>
    </message>
    <message>
      <source>{path} is truncated or damaged ({reason}): copy or export it again.</source>
      <translation>{path} 不完整或已损坏（{reason}）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{path} is truncated ({top} of {height} rows): copy or export it again.</source>
      <translation>{path} 不完整（{height} 行中只有 {top} 行）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{path} is truncated (no pixels): copy or export it again.</source>
      <translation>{path} 不完整（没有像素）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>{image} was cancelled.</source>
      <translation>{image} 已取消。</translation>
    </message>
    <message>
      <source>it did not stop within {seconds} seconds</source>
      <translation>它在 {seconds} 秒内没有停止</translation>
    </message>
    <message>
      <source>The model's process cannot be started ({reason}).</source>
      <translation>模型的进程无法启动（{reason}）。</translation>
    </message>
    <message>
      <source>{reason} It was ended.</source>
      <translation>{reason}已将其结束。</translation>
    </message>
    <message>
      <source>The process of the model {model} ended while it was loading the model: {how} The log is {log}.</source>
      <translation>模型 {model} 的进程在加载模型时结束：{how}日志在 {log}。</translation>
    </message>
    <message>
      <source>The process of the model {model} ended at {image}: {how} The log is {log}.</source>
      <translation>模型 {model} 的进程在处理 {image} 时结束：{how}日志在 {log}。</translation>
    </message>
    <message>
      <source>The process of the model {model} ended while it was idle: {how} The log is {log}.</source>
      <translation>模型 {model} 的进程在空闲时结束：{how}日志在 {log}。</translation>
    </message>
    <message>
      <source>{problem} It was tried twice.</source>
      <translation>{problem}已尝试两次。</translation>
    </message>
    <message>
      <source>it answered what was not asked</source>
      <translation>它回答了没有问的内容</translation>
    </message>
    <message>
      <source>it chatted instead of describing</source>
      <translation>它没有描述，而是聊起了天</translation>
    </message>
    <message>
      <source>it left boxes without an answer</source>
      <translation>它没有回答某些框</translation>
    </message>
    <message>
      <source>it answered about a box that was not asked for</source>
      <translation>它回答了没有问到的框</translation>
    </message>
    <message>
      <source>Its answers cannot be used, {what}.</source>
      <translation>它的回答无法使用，{what}。</translation>
    </message>
    <message>
      <source>exit code {code}.</source>
      <translation>退出码 {code}。</translation>
    </message>
    <message>
      <source>signal SIGKILL, as the system sends it when memory runs out; close programs or choose a smaller model.</source>
      <translation>信号 SIGKILL，内存耗尽时系统会发出它；请关闭一些程序或选择较小的模型。</translation>
    </message>
    <message>
      <source>signal {name}.</source>
      <translation>信号 {name}。</translation>
    </message>
    <message>
      <source>{image}: there is not enough memory to describe it.</source>
      <translation>{image}：内存不足，无法描述。</translation>
    </message>
    <message>
      <source>The model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>{name} failed on {image} ({reason}).</source>
      <translation>{name} 处理 {image} 失败（{reason}）。</translation>
    </message>
    <message>
      <source>{model} is not in {folder}: its weights may not be shipped; get the published delta, LLaMA-7B and CLIP, then run 'roi-assistant models import-gpt4roi'.</source>
      <translation>{folder} 中没有 {model}：其权重不能随程序分发；请获取已发布的增量、LLaMA-7B 和 CLIP，然后运行 'roi-assistant models import-gpt4roi'。</translation>
    </message>
    <message>
      <source>{id} needs torch and transformers ({reason}): pip install 'roi-assistant[torch]'.</source>
      <translation>{id} 需要 torch 和 transformers（{reason}）：pip install 'roi-assistant[torch]'。</translation>
    </message>
    <message>
      <source>There is no precision {precision}: choose {choices}.</source>
      <translation>没有精度 {precision}：请选择 {choices}。</translation>
    </message>
    <message>
      <source>The GPU has too little memory left for {id}: close other programs, or use its int8 or int4 form.</source>
      <translation>GPU 剩余内存不足以运行 {id}：请关闭其他程序，或使用其 int8 或 int4 形式。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): import the model again.</source>
      <translation>{path} 无法读取（{reason}）：请重新导入模型。</translation>
    </message>
    <message>
      <source>There is no device {device}: choose auto, cpu or cuda.</source>
      <translation>没有设备 {device}：请选择 auto、cpu 或 cuda。</translation>
    </message>
    <message>
      <source>use {model}</source>
      <translation>请使用 {model}</translation>
    </message>
    <message>
      <source>The GPU</source>
      <translation>GPU</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>这台电脑</translation>
    </message>
    <message>
      <source>An answer cannot be passed on ({reason}): the model wrote something unusual.</source>
      <translation>回答无法传递（{reason}）：模型写出了异常内容。</translation>
    </message>
    <message>
      <source>An answer of {count} bytes is too long to be passed on.</source>
      <translation>{count} 字节的回答太长，无法传递。</translation>
    </message>
    <message>
      <source>A message of the model's process ends in its length.</source>
      <translation>模型进程的消息在长度处中断。</translation>
    </message>
    <message>
      <source>A message of the model's process claims {length} bytes: it is not one of ours.</source>
      <translation>模型进程的消息自称有 {length} 字节：它不是本程序的消息。</translation>
    </message>
    <message>
      <source>A message of the model's process ends after {count} of {length} bytes.</source>
      <translation>模型进程的消息在 {length} 字节中的第 {count} 字节处中断。</translation>
    </message>
    <message>
      <source>A message of the model's process is not JSON ({reason}).</source>
      <translation>模型进程的消息不是 JSON（{reason}）。</translation>
    </message>
    <message>
      <source>A message of the model's process has the unknown type {name}.</source>
      <translation>模型进程的消息类型 {name} 未知。</translation>
    </message>
    <message>
      <source>A message of the model's process cannot be read: {reason}</source>
      <translation>无法读取模型进程的消息：{reason}</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): copy it again.</source>
      <translation>{path} 无法读取（{reason}）：请重新复制。</translation>
    </message>
    <message>
      <source>There is no question to answer: write one about &lt;region1&gt; or the image.</source>
      <translation>没有要回答的问题：请写一个关于 &lt;region1&gt; 或图像的问题。</translation>
    </message>
    <message>
      <source>{id} answers about at most {most} regions at a time.</source>
      <translation>{id} 一次最多回答 {most} 个区域。</translation>
    </message>
    <message>
      <source>The question has {count} tokens and {id} reads {most} at most: make it shorter.</source>
      <translation>问题有 {count} 个词元，而 {id} 最多读取 {most} 个：请缩短问题。</translation>
    </message>
    <message>
      <source>{path} does not list {name}: install RoI Assistant again.</source>
      <translation>{path} 中没有列出 {name}：请重新安装 RoI Assistant。</translation>
    </message>
    <message>
      <source>{path} is not the file that its manifest describes (the sha256 differs): copy it again.</source>
      <translation>{path} 不是清单所描述的文件（sha256 不同）：请重新复制。</translation>
    </message>
    <message>
      <source>{where} cannot be read ({reason}): install RoI Assistant again.</source>
      <translation>{where} 无法读取（{reason}）：请重新安装 RoI Assistant。</translation>
    </message>
    <message>
      <source>{where} is not a model manifest ({reason}): install RoI Assistant again.</source>
      <translation>{where} 不是模型清单（{reason}）：请重新安装 RoI Assistant。</translation>
    </message>
    <message>
      <source>{where} lists no files: install RoI Assistant again.</source>
      <translation>{where} 没有列出文件：请重新安装 RoI Assistant。</translation>
    </message>
    <message>
      <source>{where} lists {file_name}, which is not a plain file name.</source>
      <translation>{where} 列出了 {file_name}，它不是单纯的文件名。</translation>
    </message>
    <message>
      <source>This onnxruntime has no CUDA: install onnxruntime-gpu, or use --device cpu.</source>
      <translation>此 onnxruntime 不带 CUDA：请安装 onnxruntime-gpu，或使用 --device cpu。</translation>
    </message>
    <message>
      <source>CUDA could not be loaded; 'roi-assistant doctor' says why. Use --device cpu to go on without it.</source>
      <translation>无法加载 CUDA；'roi-assistant doctor' 会说明原因。使用 --device cpu 可不用它继续。</translation>
    </message>
    <message>
      <source>Running on the CPU: CUDA could not be loaded; 'roi-assistant doctor' says why.</source>
      <translation>正在 CPU 上运行：无法加载 CUDA；'roi-assistant doctor' 会说明原因。</translation>
    </message>
    <message>
      <source>{path} cannot be loaded by onnxruntime ({reason}).</source>
      <translation>onnxruntime 无法加载 {path}（{reason}）。</translation>
    </message>
    <message>
      <source>{path} is not the configuration of an imported GPT4RoI ({reason}).</source>
      <translation>{path} 不是已导入的 GPT4RoI 的配置（{reason}）。</translation>
    </message>
    <message>
      <source>{folder} holds {name}, which GPT4RoI does not have: import the model again.</source>
      <translation>{folder} 含有 GPT4RoI 没有的 {name}：请重新导入模型。</translation>
    </message>
    <message>
      <source>{folder}: {name} has shape {found}, not {shape}.</source>
      <translation>{folder}：{name} 的形状是 {found}，而不是 {shape}。</translation>
    </message>
    <message>
      <source>{folder} lacks {count} tensors, first {name}.</source>
      <translation>{folder} 缺少 {count} 个张量，首先是 {name}。</translation>
    </message>
    <message>
      <source>The GPU has too little free memory for {name} in {precision}: close other programs, or use its int8 or int4 form, or --device cpu.</source>
      <translation>GPU 空闲内存不足以用 {precision} 运行 {name}：请关闭其他程序，或使用其 int8 或 int4 形式，或 --device cpu。</translation>
    </message>
    <message>
      <source>{path} is missing: import the model again.</source>
      <translation>缺少 {path}：请重新导入模型。</translation>
    </message>
    <message>
      <source>{what} has {available} GB of memory, the model needs {needed} GB: {advice}.</source>
      <translation>{what}有 {available} GB 内存，模型需要 {needed} GB：{advice}。</translation>
    </message>
    <message>
      <source>An option is empty: give each option a text.</source>
      <translation>有一个选项是空的：请给每个选项写上文字。</translation>
    </message>
    <message>
      <source>The option {option} contains a token of the model: leave it out.</source>
      <translation>选项 {option} 含有模型的记号：请去掉它。</translation>
    </message>
    <message>
      <source>The text refers to {places} boxes, but {n_boxes} were given.</source>
      <translation>文字提到 {places} 个框，但给出了 {n_boxes} 个。</translation>
    </message>
    <message>
      <source>{token} is reserved for the model: leave it out.</source>
      <translation>{token} 是模型的保留记号：请去掉它。</translation>
    </message>
    <message>
      <source>The model cannot be compiled on this computer ({reason}): use it uncompiled, or install what torch.compile needs (a C++ compiler, and Triton for a GPU).</source>
      <translation>模型无法在这台电脑上编译（{reason}）：请不编译直接使用，或安装 torch.compile 所需的组件（C++ 编译器，GPU 还需要 Triton）。</translation>
    </message>
    <message>
      <source>The conversation has {length} tokens, which is more than the model reads: begin a new one.</source>
      <translation>对话有 {length} 个记号，超过模型的阅读上限：请开始新的对话。</translation>
    </message>
    <message>
      <source>The tokenizer is not that of GPT4RoI: {choices} is missing or has another id.</source>
      <translation>分词器不是 GPT4RoI 的：{choices} 缺失或 id 不同。</translation>
    </message>
    <message>
      <source>The vocabulary has a piece twice: copy the tokenizer.model of LLaMA again.</source>
      <translation>词表中有重复的片段：请重新复制 LLaMA 的 tokenizer.model。</translation>
    </message>
    <message>
      <source>{folder} has no tokenizer.model: copy it from where the weights come from.</source>
      <translation>{folder} 中没有 tokenizer.model：请从权重来源处复制。</translation>
    </message>
    <message>
      <source>{path} is not the tokenizer of a LLaMA model ({reason}): copy it again.</source>
      <translation>{path} 不是 LLaMA 模型的分词器（{reason}）：请重新复制。</translation>
    </message>
    <message>
      <source>The ids of the vocabulary have gaps: copy LLaMA's tokenizer again.</source>
      <translation>词表的 id 不连续：请重新复制 LLaMA 的分词器。</translation>
    </message>
    <message>
      <source>{place}: 'kinds' is empty; give one or more of {choices}.</source>
      <translation>{place}：'kinds' 是空的；请给出 {choices} 中的一个或多个。</translation>
    </message>
    <message>
      <source>{place}: 'name' is {name}; use letters, digits, '-', '_' and '.'.</source>
      <translation>{place}：'name' 是 {name}；请使用字母、数字、'-'、'_' 和 '.'。</translation>
    </message>
    <message>
      <source>{place}: 'module' is {module}, which is not a module name.</source>
      <translation>{place}：'module' 是 {module}，它不是模块名。</translation>
    </message>
    <message>
      <source>{place}: 'vram_mb' must be a whole number of megabytes, not {vram}.</source>
      <translation>{place}：'vram_mb' 必须是整数（兆字节），而不是 {vram}。</translation>
    </message>
    <message>
      <source>{place}: '{field}' is given but 'kinds' has no {kind}.</source>
      <translation>{place}：给出了 '{field}'，但 'kinds' 中没有 {kind}。</translation>
    </message>
    <message>
      <source>{path} cannot be read: {reason}.</source>
      <translation>{path} 无法读取：{reason}。</translation>
    </message>
    <message>
      <source>{path} is not valid JSON: {reason}.</source>
      <translation>{path} 不是有效的 JSON：{reason}。</translation>
    </message>
    <message>
      <source>{code} has no manifest: {name} is missing beside it.</source>
      <translation>{code} 没有清单：旁边缺少 {name}。</translation>
    </message>
    <message>
      <source>{manifest_path} has no code: {name} is missing beside it.</source>
      <translation>{manifest_path} 没有代码：旁边缺少 {name}。</translation>
    </message>
    <message>
      <source>{manifest_path}: 'module' must be {name} or a module in it, not {module}.</source>
      <translation>{manifest_path}：'module' 必须是 {name} 或其中的模块，而不是 {module}。</translation>
    </message>
    <message>
      <source>model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>attribute preset</source>
      <translation>属性预设</translation>
    </message>
    <message>
      <source>box proposer</source>
      <translation>框建议器</translation>
    </message>
    <message>
      <source>command</source>
      <translation>命令</translation>
    </message>
    <message>
      <source>The {kind} {id_} needs the Python package {name}, which is not installed.</source>
      <translation>{kind} {id_} 需要 Python 包 {name}，但它没有安装。</translation>
    </message>
    <message>
      <source>there are {choices}</source>
      <translation>可用的有 {choices}</translation>
    </message>
    <message>
      <source>there are none</source>
      <translation>一个也没有</translation>
    </message>
    <message>
      <source>There is no {kind} {id_}; {there}.{also}</source>
      <translation>没有{kind} {id_}；{there}。{also}</translation>
    </message>
    <message>
      <source>The plugin {name} lists the {kind} {id_} in {place} but its code does not register it.</source>
      <translation>插件 {name} 在 {place} 中列出了{kind} {id_}，但其代码没有注册它。</translation>
    </message>
    <message>
      <source>its name is taken by {place}</source>
      <translation>其名称已被 {place} 占用</translation>
    </message>
    <message>
      <source>The plugin {name} in {place} is not used: {why}.</source>
      <translation>{place} 中的插件 {name} 未被使用：{why}。</translation>
    </message>
    <message>
      <source>its code ends the program (exit {code})</source>
      <translation>其代码会结束程序（退出码 {code}）</translation>
    </message>
    <message>
      <source>it needs {choices}, which is not installed</source>
      <translation>它需要 {choices}，但没有安装</translation>
    </message>
    <message>
      <source>it registers a {kind} under {id_}, which is not an id</source>
      <translation>它以 {id_} 注册{kind}，但这不是 id</translation>
    </message>
    <message>
      <source>it registers the {kind} {id_}, which '{field}' does not list</source>
      <translation>它注册了{kind} {id_}，但 '{field}' 没有列出</translation>
    </message>
    <message>
      <source>it registers the {kind} {id_} twice</source>
      <translation>它两次注册{kind} {id_}</translation>
    </message>
    <message>
      <source>{code} is not a Python file</source>
      <translation>{code} 不是 Python 文件</translation>
    </message>
    <message>
      <source>its {kind} {id_} is that of {name}</source>
      <translation>其{kind} {id_} 属于 {name}</translation>
    </message>
    <message>
      <source>The settings in {path} cannot be read ({reason}): defaults are used.</source>
      <translation>无法读取 {path} 中的设置（{reason}）：使用默认值。</translation>
    </message>
    <message>
      <source>The setting {name} in {path} cannot be {value}: its default is used.</source>
      <translation>{path} 中的设置 {name} 不能是 {value}：使用默认值。</translation>
    </message>
    <message>
      <source>The folder {folder} cannot be made ({reason}).</source>
      <translation>无法创建文件夹 {folder}（{reason}）。</translation>
    </message>
    <message>
      <source>The settings in {path} are damaged ({reason}): defaults are used.</source>
      <translation>{path} 中的设置已损坏（{reason}）：使用默认值。</translation>
    </message>
    <message>
      <source>The settings in {path} were damaged ({reason}): they are now in {name}, and defaults are used.</source>
      <translation>{path} 中的设置已损坏（{reason}）：现已移到 {name}，并使用默认值。</translation>
    </message>
    <message>
      <source>there is no backup</source>
      <translation>没有备份</translation>
    </message>
    <message>
      <source>{project} could not be backed up to {folder} ({reason}): check that there is space and that the folder is writable. The project itself is unchanged.</source>
      <translation>{project} 无法备份到 {folder}（{reason}）：请检查空间以及文件夹是否可写。项目本身未变。</translation>
    </message>
    <message>
      <source>{project} could not be restored from {backup} ({reason}): check that there is space and that the folder is writable.</source>
      <translation>{project} 无法从 {backup} 恢复（{reason}）：请检查空间以及文件夹是否可写。</translation>
    </message>
    <message>
      <source>The backup of {project} was stopped.</source>
      <translation>{project} 的备份已停止。</translation>
    </message>
    <message>
      <source>A copy of {what} is damaged ({said}): it was not used and older backups were kept.</source>
      <translation>{what} 的副本已损坏（{said}）：未使用它，较旧的备份已保留。</translation>
    </message>
    <message>
      <source>{path} is not a project of RoI Assistant: move it away, or choose another folder.</source>
      <translation>{path} 不是 RoI Assistant 的项目：请移走它，或选择其他文件夹。</translation>
    </message>
    <message>
      <source>{path} was written by a newer version of RoI Assistant (its tables have version {version}, this one knows up to {known}): install the newer version. Nothing was changed.</source>
      <translation>{path} 由更新版本的 RoI Assistant 写入（其表的版本是 {version}，本程序只认识到 {known}）：请安装更新的版本。未作任何更改。</translation>
    </message>
    <message>
      <source>it is {size} bytes long and should be {expected}</source>
      <translation>它有 {size} 字节，应有 {expected} 字节</translation>
    </message>
    <message>
      <source>{path} cannot be written ({reason}): check that the folder exists, is writable and has space. The change was not saved.</source>
      <translation>{path} 无法写入（{reason}）：请检查文件夹是否存在、可写且有空间。更改未保存。</translation>
    </message>
    <message>
      <source>{path} is damaged ({reason}); it was left as it is, and {backup}.</source>
      <translation>{path} 已损坏（{reason}）；文件保持原样，{backup}。</translation>
    </message>
    <message>
      <source>{path} is gone: its folder was moved, renamed or removed, or the disk was taken out. The change was not saved; bring it back, or open the folder again.</source>
      <translation>{path} 不见了：其文件夹被移动、改名或删除，或磁盘被取出。更改未保存；请把它放回，或重新打开文件夹。</translation>
    </message>
    <message>
      <source>{path} was replaced by another file. The change was not saved; bring it back, or open the folder again.</source>
      <translation>{path} 被另一个文件取代。更改未保存；请把它放回，或重新打开文件夹。</translation>
    </message>
    <message>
      <source>{path} cannot be kept safe on this disk (no write-ahead log): move the folder.</source>
      <translation>{path} 在此磁盘上无法安全保存（没有预写日志）：请移动文件夹。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): check its permissions.</source>
      <translation>{path} 无法读取（{reason}）：请检查其权限。</translation>
    </message>
    <message>
      <source>it is empty</source>
      <translation>它是空的</translation>
    </message>
    <message>
      <source>its beginning is not that of a project file</source>
      <translation>它的开头不是项目文件的开头</translation>
    </message>
    <message>
      <source>{path} cannot be written (the disk is full): free some space. The change was not saved; what was saved before is safe.</source>
      <translation>{path} 无法写入（磁盘已满）：请腾出空间。更改未保存；此前保存的内容是安全的。</translation>
    </message>
    <message>
      <source>{path} is in use by another program: close that, then try again.</source>
      <translation>{path} 正被另一个程序使用：请关闭它，然后重试。</translation>
    </message>
    <message>
      <source>{path} cannot be read or written ({reason}): check that its folder exists, is writable and has space. The change was not saved.</source>
      <translation>{path} 无法读写（{reason}）：请检查其文件夹是否存在、可写且有空间。更改未保存。</translation>
    </message>
    <message>
      <source>{path} cannot be used ({reason}); nothing was changed.</source>
      <translation>{path} 无法使用（{reason}）；未作任何更改。</translation>
    </message>
    <message>
      <source>The attributes of the project were changed in the meantime: nothing was changed.</source>
      <translation>项目的属性在此期间已被更改：未作任何更改。</translation>
    </message>
    <message>
      <source>{key} cannot be the name of an image: it must be a path below the project's folder.</source>
      <translation>{key} 不能是图像的名称：它必须是项目文件夹之下的路径。</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist: check the path.</source>
      <translation>文件夹 {folder} 不存在：请检查路径。</translation>
    </message>
    <message>
      <source>it can be opened read-only</source>
      <translation>可以只读方式打开</translation>
    </message>
    <message>
      <source>copy the images to one that is</source>
      <translation>请把图像复制到可写的文件夹</translation>
    </message>
    <message>
      <source>{project} cannot be opened for writing ({reason}): the folder must be writable; {way_out}.</source>
      <translation>{project} 无法以写入方式打开（{reason}）：文件夹必须可写；{way_out}。</translation>
    </message>
    <message>
      <source>{project} is open in another window{holder}: close it there, or go on here read-only.</source>
      <translation>{project} 已在另一个窗口中打开{holder}：请在那里关闭，或在此以只读方式继续。</translation>
    </message>
    <message>
      <source> (process {pid}, since {since})</source>
      <translation>（进程 {pid}，自 {since} 起）</translation>
    </message>
    <message>
      <source> (process {pid} on {host}, since {since})</source>
      <translation>（{host} 上的进程 {pid}，自 {since} 起）</translation>
    </message>
    <message>
      <source>{folder} is not a folder: choose a folder of images.</source>
      <translation>{folder} 不是文件夹：请选择图像文件夹。</translation>
    </message>
    <message>
      <source>{folder} has no {name} yet: open it for writing once.</source>
      <translation>{folder} 中还没有 {name}：请先以写入方式打开一次。</translation>
    </message>
    <message>
      <source>{path} is open read-only: close the other window that has it, then open it again.</source>
      <translation>{path} 以只读方式打开：请关闭占用它的另一个窗口，然后重新打开。</translation>
    </message>
    <message>
      <source>{state} is not a review state.</source>
      <translation>{state} 不是审核状态。</translation>
    </message>
    <message>
      <source>{order} is not an order of the review queue.</source>
      <translation>{order} 不是审核队列的排序方式。</translation>
    </message>
    <message>
      <source>The cursor belongs to another order of the review queue: begin at the first page.</source>
      <translation>游标属于审核队列的另一种排序：请从第一页开始。</translation>
    </message>
    <message>
      <source>{path} does not fit into memory: close other programs or make it smaller.</source>
      <translation>{path} 超出内存：请关闭其他程序或缩小它。</translation>
    </message>
    <message>
      <source>{path} cannot be shown ({reason}): copy or export it again.</source>
      <translation>{path} 无法显示（{reason}）：请重新复制或导出。</translation>
    </message>
    <message>
      <source>Choose a file to write.</source>
      <translation>请选择要写入的文件。</translation>
    </message>
    <message>
      <source>Choose at least one review state to write.</source>
      <translation>请至少选择一种要写入的审核状态。</translation>
    </message>
    <message>
      <source>{folder} is not a folder that can be opened: check the path.</source>
      <translation>{folder} 不是可以打开的文件夹：请检查路径。</translation>
    </message>
    <message>
      <source>The folder {folder} cannot be searched for images ({reason}): check that it can be read.</source>
      <translation>无法在文件夹 {folder} 中查找图像（{reason}）：请检查它是否可读。</translation>
    </message>
    <message>
      <source>The box lies outside the image.</source>
      <translation>框在图像之外。</translation>
    </message>
    <message>
      <source>File name too long</source>
      <translation>文件名太长</translation>
    </message>
    <message>
      <source>Input/output error</source>
      <translation>输入/输出错误</translation>
    </message>
    <message>
      <source>Is a directory</source>
      <translation>是一个目录</translation>
    </message>
    <message>
      <source>No space left on device</source>
      <translation>设备上没有剩余空间</translation>
    </message>
    <message>
      <source>No such file or directory</source>
      <translation>没有这个文件或目录</translation>
    </message>
    <message>
      <source>Not a directory</source>
      <translation>不是目录</translation>
    </message>
    <message>
      <source>Operation not permitted</source>
      <translation>不允许的操作</translation>
    </message>
    <message>
      <source>Permission denied</source>
      <translation>权限不够</translation>
    </message>
    <message>
      <source>Read-only file system</source>
      <translation>只读文件系统</translation>
    </message>
    <message>
      <source>Too many open files</source>
      <translation>打开的文件过多</translation>
    </message>
    <message>
      <source>The step cannot be undone or done again: the regions were changed since from another place (the history of the project, or another image's). Nothing was changed.</source>
      <translation>这一步无法撤销或重做：区域此后已在别处被更改（项目的历史，或另一张图像的历史）。未作任何更改。</translation>
    </message>
    <message>
      <source>{name} has {width} x {height} pixels, more than the limit of {limit} million: make it smaller.</source>
      <translation>{name} 有 {width} x {height} 像素，超过 {limit} 百万的上限：请缩小它。</translation>
    </message>
    <message>
      <source>writing {path}</source>
      <translation>写入 {path}</translation>
    </message>
    <message>
      <source>reading {path}</source>
      <translation>读取 {path}</translation>
    </message>
    <message>
      <source>The format {id_} cannot be read.</source>
      <translation>格式 {id_} 不能读取。</translation>
    </message>
    <message>
      <source>The format {id_} cannot be written.</source>
      <translation>格式 {id_} 不能写入。</translation>
    </message>
    <message>
      <source>The format {id_} of the plugin {plugin} failed {doing}: {reason}.</source>
      <translation>插件 {plugin} 的格式 {id_} 在{doing}时失败：{reason}。</translation>
    </message>
    <message>
      <source>the phrase stands for it</source>
      <translation>由短语代表它</translation>
    </message>
    <message>
      <source>{where}: {problem}</source>
      <translation>{where}：{problem}</translation>
    </message>
    <message>
      <source>{path} has the name of an image: give another name.</source>
      <translation>{path} 是图像的文件名：请换一个名称。</translation>
    </message>
    <message>
      <source>{path} has the name of a project: give another name.</source>
      <translation>{path} 是项目的文件名：请换一个名称。</translation>
    </message>
    <message>
      <source>{file} has no boxes for the given images: it lists {names}.</source>
      <translation>{file} 中没有这些图像的框：其中列出的是 {names}。</translation>
    </message>
    <message>
      <source>{file}: images without boxes in it, left out: {count}.</source>
      <translation>{file}：其中没有框而被略过的图像：{count} 张。</translation>
    </message>
    <message>
      <source>{file}: {path} may be {one} or {other}; give the folder that the names are relative to.</source>
      <translation>{file}：{path} 可能是 {one} 或 {other}；请给出文件名所相对的文件夹。</translation>
    </message>
    <message>
      <source>no image with boxes</source>
      <translation>没有带框的图像</translation>
    </message>
    <message>
      <source>{names} and {count} more</source>
      <translation>{names} 以及另外 {count} 个</translation>
    </message>
    <message>
      <source>{image}, region {id}</source>
      <translation>{image}，区域 {id}</translation>
    </message>
    <message>
      <source>The project is open for reading only.</source>
      <translation>该项目以只读方式打开。</translation>
    </message>
    <message>
      <source>Boxes clipped to their image: {count}, such as {example}.</source>
      <translation>裁剪到图像范围内的框：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Boxes outside their image, left out: {count}, such as {example}.</source>
      <translation>位于图像之外而被略过的框：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Regions that were there already: {count}, such as {example}.</source>
      <translation>已经存在的区域：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Attributes that the project does not ask about: {names}. They are kept; to see them in the window, add them to its attributes.</source>
      <translation>项目没有询问的属性：{names}。它们会被保留；要在窗口中看到它们，请把它们加入项目的属性。</translation>
    </message>
    <message>
      <source>Categories that have another id in the project, which stays: {count}, such as {example}.</source>
      <translation>在项目中编号不同（保留项目的编号）的类别：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>{name}: {given} instead of {id}</source>
      <translation>{name}：{given}，而不是 {id}</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): give a JSON file with a schema.</source>
      <translation>无法读取 {path}（{reason}）：请选择含有属性方案的 JSON 文件。</translation>
    </message>
    <message>
      <source>{path} is not text in UTF-8: {reason}.</source>
      <translation>{path} 不是 UTF-8 文本：{reason}。</translation>
    </message>
    <message>
      <source>COCO with captions and attributes</source>
      <translation>COCO，含描述和属性</translation>
    </message>
    <message>
      <source>COCO for GPT4RoI (one caption per box)</source>
      <translation>用于 GPT4RoI 的 COCO（每框一条描述）</translation>
    </message>
    <message>
      <source>The model {model} gave a score of {score} on {image}, not one from 0 to 1.</source>
      <translation>模型 {model} 对 {image} 给出的分数为 {score}，不在 0 到 1 之间。</translation>
    </message>
    <message>
      <source>The model {model} gave {count} answers about {boxes} boxes of {image}.</source>
      <translation>模型 {model} 给出了 {count} 个答案，而 {image} 上询问的框有 {boxes} 个。</translation>
    </message>
    <message>
      <source>{name} is not a COCO file: it has no list "images".</source>
      <translation>{name} 不是 COCO 文件：其中没有列表 "images"。</translation>
    </message>
    <message>
      <source>image</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>category</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>annotation</source>
      <translation>标注</translation>
    </message>
    <message>
      <source>{file}, {what} {id}</source>
      <translation>{file}，{what} {id}</translation>
    </message>
    <message>
      <source>{name}: the images {one} and {other} are both called {file_name}.</source>
      <translation>{name}：图像 {one} 和 {other} 的名称都是 {file_name}。</translation>
    </message>
    <message>
      <source>{path} is not a JSON file: {reason}.</source>
      <translation>{path} 不是 JSON 文件：{reason}。</translation>
    </message>
    <message>
      <source>its beginning</source>
      <translation>文件开头</translation>
    </message>
    <message>
      <source>the end of entry {number}</source>
      <translation>第 {number} 项末尾</translation>
    </message>
    <message>
      <source>{path} must be a list of {what}: give the official file as it is distributed.</source>
      <translation>{path} 必须是 {what} 的列表：请提供原样发布的官方文件。</translation>
    </message>
    <message>
      <source>the end of entry {number} of {key}</source>
      <translation>{key} 的第 {number} 项末尾</translation>
    </message>
    <message>
      <source>{path} is not a JSON file behind {place}: {reason}.</source>
      <translation>{path} 在{place}之后不是 JSON：{reason}。</translation>
    </message>
    <message>
      <source>{path}, entry {number}: not an object, but the file must be a list of {what}.</source>
      <translation>{path}，第 {number} 项：不是对象，而该文件必须是 {what} 的列表。</translation>
    </message>
    <message>
      <source>{path}, line {number}: not JSON ({reason}).</source>
      <translation>{path}，第 {number} 行：不是 JSON（{reason}）。</translation>
    </message>
    <message>
      <source>{path}, line {number}: not a JSON object.</source>
      <translation>{path}，第 {number} 行：不是 JSON 对象。</translation>
    </message>
    <message>
      <source>{path} is not a SentencePiece model: copy the tokenizer.model of LLaMA again.</source>
      <translation>{path} 不是 SentencePiece 模型：请重新复制 LLaMA 的 tokenizer.model。</translation>
    </message>
    <message>
      <source>{path} is not a SentencePiece model of the BPE kind, which LLaMA's tokenizer is.</source>
      <translation>{path} 不是 BPE 类型的 SentencePiece 模型，而 LLaMA 的分词器属于该类型。</translation>
    </message>
    <message>
      <source>An object is needed, not {data}.</source>
      <translation>此处需要对象，而不是 {data}。</translation>
    </message>
    <message>
      <source>it has no region that can be written</source>
      <translation>没有可写出的区域</translation>
    </message>
    <message>
      <source>A text</source>
      <translation>文本</translation>
    </message>
    <message>
      <source>A whole number</source>
      <translation>整数</translation>
    </message>
    <message>
      <source>A number</source>
      <translation>数字</translation>
    </message>
    <message>
      <source>true or false</source>
      <translation>true 或 false</translation>
    </message>
    <message>
      <source>{place}: {problem}</source>
      <translation>{place}：{problem}</translation>
    </message>
    <message>
      <source>There is no field {name}; there are {choices}.</source>
      <translation>没有字段 {name}；可用的字段有：{choices}。</translation>
    </message>
    <message>
      <source>The field {name} is missing.</source>
      <translation>缺少字段 {name}。</translation>
    </message>
    <message>
      <source>{where}: "name" must be a name.</source>
      <translation>{where}："name" 必须是名称。</translation>
    </message>
    <message>
      <source>{place}: a name in a list is empty.</source>
      <translation>{place}：列表中有空的名称。</translation>
    </message>
    <message>
      <source>An empty region cannot be accepted: write a caption first.</source>
      <translation>空的区域不能接受：请先写一句描述。</translation>
    </message>
    <message>
      <source>The note on {image} was changed in the meantime: nothing was changed; open the image again.</source>
      <translation>{image} 的备注在此期间已被更改：未作任何更改；请重新打开该图像。</translation>
    </message>
    <message>
      <source>Images on which the project has another note, which stays: {count}, such as {example}.</source>
      <translation>项目中已有不同备注而予以保留的图像：{count} 张，例如 {example}。</translation>
    </message>
    <message>
      <source>{order} is not an order of images.</source>
      <translation>{order} 不是图像的排序方式。</translation>
    </message>
    <message>
      <source>the format has no place for it</source>
      <translation>此格式没有存放它的位置</translation>
    </message>
    <message>
      <source>0, 1, true or false is needed, not {data}.</source>
      <translation>需要 0、1、true 或 false，而不是 {data}。</translation>
    </message>
    <message>
      <source>A finite number is needed, not {data}.</source>
      <translation>需要有限的数字，而不是 {data}。</translation>
    </message>
    <message>
      <source>A positive number of pixels is needed, not {data}.</source>
      <translation>需要正的像素数，而不是 {data}。</translation>
    </message>
    <message>
      <source>A text or a number is needed, not {data}.</source>
      <translation>需要文本或数字，而不是 {data}。</translation>
    </message>
    <message>
      <source>A text that is not empty is needed, not {data}.</source>
      <translation>需要非空的文本，而不是 {data}。</translation>
    </message>
    <message>
      <source>A box must be four numbers, x, y, width and height, not {data}.</source>
      <translation>框必须是四个数字，即 x、y、宽和高，而不是 {data}。</translation>
    </message>
    <message>
      <source>There is no image with the id {id}.</source>
      <translation>没有 id 为 {id} 的图像。</translation>
    </message>
    <message>
      <source>There is no category with the id {id}.</source>
      <translation>没有 id 为 {id} 的类别。</translation>
    </message>
    <message>
      <source>A time such as 2026-01-02T03:04:05+00:00 is needed, not {data}.</source>
      <translation>需要时间，例如 2026-01-02T03:04:05+00:00，而不是 {data}。</translation>
    </message>
    <message>
      <source>This id occurs twice.</source>
      <translation>此 id 出现了两次。</translation>
    </message>
    <message>
      <source>the newest backup, of {when}, is {backup}; restore it with: roi-assistant project restore {folder}</source>
      <translation>最新的备份（{when}）是 {backup}；恢复命令：roi-assistant project restore {folder}</translation>
    </message>
    <message>
      <source>{what} is not a project of RoI Assistant: nothing was changed.</source>
      <translation>{what} 不是 RoI Assistant 的项目：没有任何改动。</translation>
    </message>
    <message>
      <source>The list of categories was changed in the meantime: nothing was changed.</source>
      <translation>类别列表在此期间已被更改：未做任何更改。</translation>
    </message>
    <message>
      <source>The category {before} cannot be called {after} now: one is gone, or the other is there again. Nothing was changed.</source>
      <translation>类别 {before} 现在不能改称 {after}：前者已不存在，或后者又出现了。未做任何更改。</translation>
    </message>
    <message>
      <source>{order} is not an order of regions.</source>
      <translation>{order} 不是区域的排列顺序。</translation>
    </message>
    <message>
      <source>the last {count} steps that were stored are missing; to go on without them: roi-assistant project check --repair {folder}</source>
      <translation>已保存的最后 {count} 步缺失；若要不带它们继续：roi-assistant project check --repair {folder}</translation>
    </message>
    <message>
      <source>it holds {what}, which is not of RoI Assistant</source>
      <translation>其中有 {what}，并非来自 RoI Assistant</translation>
    </message>
    <message>
      <source>it lacks {what}</source>
      <translation>缺少 {what}</translation>
    </message>
    <message>
      <source>{path} is a link: such a file must lie in the folder itself. Put the file in its place, or remove it.</source>
      <translation>{path} 是链接：此文件必须位于该文件夹内。请放入文件本身，或将其删除。</translation>
    </message>
    <message>
      <source>{path} is not a plain file: move it away.</source>
      <translation>{path} 不是普通文件：请将其移走。</translation>
    </message>
    <message>
      <source>{path} must be a folder and not a link: move it away.</source>
      <translation>{path} 必须是文件夹而不是链接：请将其移走。</translation>
    </message>
    <message>
      <source>it is gone, but {names} is there; to begin anew, move that away</source>
      <translation>它不见了，但 {names} 还在；若要重新开始，请先移走它</translation>
    </message>
    <message>
      <source>{name} is not in the list of categories of this project: add it to the list first, or take another.</source>
      <translation>{name} 不在本项目的类别列表中：请先把它加入列表，或选用其他类别。</translation>
    </message>
    <message>
      <source>{where}: this is not a line of an ODVG file: it has no boxes.</source>
      <translation>{where}：这不是 ODVG 文件的一行：其中没有框。</translation>
    </message>
    <message>
      <source>{name} is a HEIC picture, which needs pillow-heif: install it with pip install 'roi-assistant[heif]', or convert the picture to JPEG.</source>
      <translation>{name} 是 HEIC 图片，需要 pillow-heif：请用 pip install 'roi-assistant[heif]' 安装，或将图片转换为 JPEG。</translation>
    </message>
    <message>
      <source>{name} is a {format_name} picture of a kind that is not supported ({reason}): convert it to PNG or JPEG.</source>
      <translation>{name} 是一种不受支持的 {format_name} 图片（{reason}）：请将其转换为 PNG 或 JPEG。</translation>
    </message>
    <message>
      <source>Pictures of kinds that cannot be read are left out: {counts}, such as {example}. Convert them to JPEG or PNG.</source>
      <translation>无法读取的图片类型已略过：{counts}，例如 {example}。请将其转换为 JPEG 或 PNG。</translation>
    </message>
    <message>
      <source>Folder {folder} has no picture that can be read. {unread}</source>
      <translation>文件夹 {folder} 中没有可读取的图片。{unread}</translation>
    </message>
    <message>
      <source>its photo has another size than when its regions were made</source>
      <translation>照片的尺寸与创建区域时不同</translation>
    </message>
    <message>
      <source>readers that ignore the EXIF orientation see the photo unturned, and its boxes elsewhere</source>
      <translation>忽略 EXIF 方向的读取程序看到的是未旋转的照片，框的位置会不同</translation>
    </message>
    <message>
      <source>Windows takes the backslash in its name for a folder</source>
      <translation>Windows 会把文件名中的反斜杠当作文件夹</translation>
    </message>
    <message>
      <source>its name is not Unicode</source>
      <translation>文件名不是 Unicode</translation>
    </message>
    <message>
      <source>its name holds a control character</source>
      <translation>文件名含有控制字符</translation>
    </message>
    <message>
      <source>its photo is missing or cannot be read</source>
      <translation>照片缺失或无法读取</translation>
    </message>
    <message>
      <source>it lies outside its photo</source>
      <translation>区域位于照片之外</translation>
    </message>
    <message>
      <source>it reaches beyond its photo</source>
      <translation>区域超出了照片边缘</translation>
    </message>
    <message>
      <source>{folders} has a project of its own, whose regions are not shown here: take them over with roi-assistant project merge {here} {example}.</source>
      <translation>{folders} 有自己的项目，其区域未在此显示：请用 roi-assistant project merge {here} {example} 合并。</translation>
    </message>
    <message>
      <source>its caption has no words</source>
      <translation>描述中没有词语</translation>
    </message>
    <message>
      <source>full stops and question marks end a phrase</source>
      <translation>句号和问号会结束短语</translation>
    </message>
    <message>
      <source>Grounding DINO reads 256 tokens</source>
      <translation>Grounding DINO 只读取 256 个词元</translation>
    </message>
    <message>
      <source>onnxruntime, which runs the model, cannot be loaded ({reason}): run roi-assistant doctor, which says what to install.</source>
      <translation>无法加载运行模型的 onnxruntime（{reason}）：请运行 roi-assistant doctor，它会说明需要安装什么。</translation>
    </message>
    <message>
      <source>The {kind} {id_} of the plugin {plugin} could not be started: {reason}. roi-assistant doctor says what is missing.</source>
      <translation>插件 {plugin} 的 {kind} {id_} 无法启动：{reason}。roi-assistant doctor 会说明缺少什么。</translation>
    </message>
    <message>
      <source>{image} had {before} pixels when its regions were made, and now has {now}: look whether they fit.</source>
      <translation>{image} 在创建区域时为 {before} 像素，现在为 {now}：请检查区域是否合适。</translation>
    </message>
    <message>
      <source>it is damaged; project check tells how</source>
      <translation>它已损坏；project check 会说明详情</translation>
    </message>
    <message>
      <source>projects have no place for it</source>
      <translation>项目中没有存放它的地方</translation>
    </message>
    <message>
      <source>only the box is kept</source>
      <translation>只保留框</translation>
    </message>
    <message>
      <source>the file has no list of categories</source>
      <translation>文件中没有类别列表</translation>
    </message>
    <message>
      <source>the file has no category with this id</source>
      <translation>文件中没有此编号的类别</translation>
    </message>
    <message>
      <source>it is not a number from 0 to 1</source>
      <translation>它不是 0 到 1 之间的数</translation>
    </message>
    <message>
      <source>it is another than that of the caption or category</source>
      <translation>它与描述或类别的分数不同</translation>
    </message>
    <message>
      <source>numbers are kept as texts</source>
      <translation>数字以文本保存</translation>
    </message>
    <message>
      <source>caption is another than the preferred one of captions and now preferred</source>
      <translation>caption 与 captions 中的首选描述不同，现以它为首选</translation>
    </message>
    <message>
      <source>true and false are kept as the texts yes and no</source>
      <translation>true 和 false 以文本 yes 和 no 保存</translation>
    </message>
    <message>
      <source>{name}: {problem}</source>
      <translation>{name}：{problem}</translation>
    </message>
    <message>
      <source>{file}: images left out: {count}, such as: {problem}</source>
      <translation>{file}：未导入的图像：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>{file}: categories left out: {count}, such as: {problem}</source>
      <translation>{file}：未导入的类别：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>{file}: annotations left out: {count}, such as: {problem}</source>
      <translation>{file}：未导入的标注：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>{path}: {problem}</source>
      <translation>{path}：{problem}</translation>
    </message>
    <message>
      <source>{path} is not a JSON file: it is not text in UTF-8.</source>
      <translation>{path} 不是 JSON 文件：它不是 UTF-8 文本。</translation>
    </message>
    <message>
      <source>This is a project or export of VIA (VGG Image Annotator): choose its export as COCO instead.</source>
      <translation>这是 VIA（VGG Image Annotator）的项目或导出文件：请改用它的 COCO 导出。</translation>
    </message>
    <message>
      <source>This is a file in Pascal VOC's XML, one for each image: convert them to one COCO file first.</source>
      <translation>这是 Pascal VOC 的 XML 文件，每张图像一个：请先把它们转换成一个 COCO 文件。</translation>
    </message>
    <message>
      <source>These are labels of YOLO, one file for each image: convert them to one COCO file first.</source>
      <translation>这是 YOLO 的标签，每张图像一个文件：请先把它们转换成一个 COCO 文件。</translation>
    </message>
    <message>
      <source>This is the list of classes of a YOLO data set: convert its labels to one COCO file first.</source>
      <translation>这是 YOLO 数据集的类别列表：请先把它的标签转换成一个 COCO 文件。</translation>
    </message>
    <message>
      <source>This is a list of COCO results, which do not name their images: give the data set itself, with the results as its annotations.</source>
      <translation>这是 COCO 结果列表，其中没有图像的名称：请给出数据集本身，并以结果作为它的标注。</translation>
    </message>
    <message>
      <source>This is a file of JSON lines: choose its format, such as odvg, instead of coco.</source>
      <translation>这是 JSON Lines 文件：请选择它的格式，例如 odvg，而不是 coco。</translation>
    </message>
    <message>
      <source>This is a file of CreateML: export it as COCO instead.</source>
      <translation>这是 CreateML 的文件：请改为导出成 COCO。</translation>
    </message>
    <message>
      <source>This is an export of Labelbox: convert it to COCO first.</source>
      <translation>这是 Labelbox 的导出文件：请先转换成 COCO。</translation>
    </message>
    <message>
      <source>This is a file of Supervisely, one for each image: export it as COCO instead.</source>
      <translation>这是 Supervisely 的文件，每张图像一个：请改为导出成 COCO。</translation>
    </message>
    <message>
      <source>This is a file of Datumaro: export it as COCO instead.</source>
      <translation>这是 Datumaro 的文件：请改为导出成 COCO。</translation>
    </message>
    <message>
      <source>This is a picture and no annotation file.</source>
      <translation>这是图片，不是标注文件。</translation>
    </message>
    <message>
      <source>This is an archive: unpack it and give the annotation file in it.</source>
      <translation>这是压缩包：请解压并给出其中的标注文件。</translation>
    </message>
    <message>
      <source>This is a database and no annotation file: to join two projects, use project merge.</source>
      <translation>这是数据库，不是标注文件：要合并两个项目，请用 project merge。</translation>
    </message>
    <message>
      <source>This is a zip archive: unpack it and give the annotation file in it.</source>
      <translation>这是 zip 压缩包：请解压并给出其中的标注文件。</translation>
    </message>
    <message>
      <source>This is a zip archive: unpack it and give the annotation file in it ({names}).</source>
      <translation>这是 zip 压缩包：请解压并给出其中的标注文件（{names}）。</translation>
    </message>
    <message>
      <source>{name}: {file} in the file, {photo} in the photo</source>
      <translation>{name}：文件中为 {file}，照片为 {photo}</translation>
    </message>
    <message>
      <source>{problem} {note}</source>
      <translation>{problem} {note}</translation>
    </message>
    <message>
      <source>{file}: several of the images fit {name}, such as {one} and {other}; give only one of them.</source>
      <translation>{file}：有多张图像与 {name} 相符，例如 {one} 和 {other}；请只给出其中一张。</translation>
    </message>
    <message>
      <source>its image cannot be read</source>
      <translation>它的图像无法读取</translation>
    </message>
    <message>
      <source>Images whose boxes are from 0 to 1 in the file and became pixels: {count}, such as {example}.</source>
      <translation>文件中的框为 0 到 1、已换算成像素的图像：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Images of another size than in the file, whose boxes were scaled: {count}, such as {example}.</source>
      <translation>尺寸与文件所述不同、框已缩放的图像：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Images that the file describes before they are turned (EXIF), whose boxes were turned: {count}, such as {example}.</source>
      <translation>文件描述的是 EXIF 旋转之前、框已旋转的图像：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Images of another shape than in the file, whose boxes do not fit and were left out: {count}, such as {example}.</source>
      <translation>形状与文件所述不同、框不相符而未导入的图像：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Images that cannot be read, whose boxes were not checked: {count}, such as {example}.</source>
      <translation>无法读取、框未经检查的图像：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Regions that the project had otherwise, replaced: {count}, such as {example}.</source>
      <translation>项目中内容不同、已被替换的区域：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Regions that the project has otherwise, now there twice: {count}, such as {example}.</source>
      <translation>项目中内容不同、现两者并存的区域：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>{file}: masks of crowds (iscrowd 1) left out, because they are no single things: {count}.</source>
      <translation>{file}：未导入的群体掩码（iscrowd 为 1，不是单个物体）：{count} 个。</translation>
    </message>
    <message>
      <source>Left out, because {reason}: {field}: {count}, such as {example}.</source>
      <translation>未导入（{reason}）：{field}：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Changed, because {reason}: {field}: {count}, such as {example}.</source>
      <translation>有改动（{reason}）：{field}：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Some images have an id and others have none: give each its own, or none to any.</source>
      <translation>部分图像有编号而其他没有：请为每张图像提供各自的编号，或都不提供。</translation>
    </message>
    <message>
      <source>the steps in its log {log} are not those that were stored last; move that away, or go on with them: roi-assistant project check --repair {folder}</source>
      <translation>其日志 {log} 中的步骤不是最后保存的那些；请将其移走，或接受这些步骤继续：roi-assistant project check --repair {folder}</translation>
    </message>
    <message>
      <source>Regions that the project has otherwise, left as they are: {count}, such as {example}.</source>
      <translation>项目中内容不同的区域，保持原样：{count}，例如 {example}。</translation>
    </message>
    <message>
      <source>Categories that are not in the project's closed list: {names}. Their regions have them; add them to the list, or give the regions others.</source>
      <translation>不在项目封闭列表中的类别：{names}。其区域保留了这些类别；请将它们加入列表，或为这些区域另选类别。</translation>
    </message>
    <message>
      <source>{path} is not valid JSON ({reason}): copy it again.</source>
      <translation>{path} 不是有效的 JSON（{reason}）：请重新复制。</translation>
    </message>
    <message>
      <source>{path} keeps weights in another file, which is not loaded: save the model as one file.</source>
      <translation>{path} 把权重存放在另一个文件中，该文件不会被加载：请把模型保存为单个文件。</translation>
    </message>
    <message>
      <source>{path} cannot be loaded ({reason}): it is not an ONNX file.</source>
      <translation>无法加载 {path}（{reason}）：它不是 ONNX 文件。</translation>
    </message>
    <message>
      <source>The plugin {name} in {folder} is not run: {cause}. Mend that, or run 'roi-assistant plugins allow {name}' if you trust everybody who may change it.</source>
      <translation>{folder} 中的插件 {name} 不会运行：{cause}。请改正权限；如果您信任所有能修改它的人，请运行 roi-assistant plugins allow {name}。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason})</source>
      <translation>无法读取 {path}（{reason}）</translation>
    </message>
    <message>
      <source>{path} is a link that leads out of the folder</source>
      <translation>{path} 是指向文件夹之外的链接</translation>
    </message>
    <message>
      <source>{path} belongs to {owner}, who may write to it</source>
      <translation>{path} 属于 {owner}，此用户可以写入它</translation>
    </message>
    <message>
      <source>everybody may write to {path}</source>
      <translation>任何人都可以写入 {path}</translation>
    </message>
    <message>
      <source>the group {group} may write to {path}</source>
      <translation>用户组 {group} 可以写入 {path}</translation>
    </message>
    <message>
      <source>{path} is no schema: {reason}.</source>
      <translation>{path} 不是属性方案：{reason}。</translation>
    </message>
    <message>
      <source>{path}, attribute {name}: names and values have at most {names} letters and questions {texts}: make them shorter.</source>
      <translation>{path}，属性 {name}：名称和取值最多 {names} 个字，问题最多 {texts} 个字：请缩短。</translation>
    </message>
    <message>
      <source>Packed data are damaged ({reason}).</source>
      <translation>压缩数据已损坏（{reason}）。</translation>
    </message>
    <message>
      <source>Packed data unpack to more than {limit} MB.</source>
      <translation>压缩数据解压后超过 {limit} MB。</translation>
    </message>
    <message>
      <source>{name} is a WebP picture of {width} x {height} pixels, and more than {limit} million of them need too much memory to be decoded: convert it to JPEG or PNG.</source>
      <translation>{name} 是 {width} x {height} 像素的 WebP 图片，超过 {limit} 百万像素时解码需要的内存太多：请转换为 JPEG 或 PNG。</translation>
    </message>
    <message>
      <source>{path} cannot be written ({reason}): move it away.</source>
      <translation>无法写入 {path}（{reason}）：请将它移走。</translation>
    </message>
    <message>
      <source>A step of the history cannot be read ({reason}): what it changed stays as it is.</source>
      <translation>历史中的一步无法读取（{reason}）：它所做的更改保持不变。</translation>
    </message>
    <message>
      <source>Captions, notes and values longer than 10000 letters, and names longer than 400, left out: {count}, such as {example}.</source>
      <translation>超过 10000 个字的描述、备注和取值，以及超过 400 个字的名称，已略去：{count} 处，例如 {example}。</translation>
    </message>
    <message>
      <source>An id must be a text or a whole number of at most {bits} bits, not {data}.</source>
      <translation>ID 必须是文本或最多 {bits} 位的整数，而不是 {data}。</translation>
    </message>
    <message>
      <source>A whole number has at most {bits} bits, not {data}.</source>
      <translation>整数最多 {bits} 位，而不是 {data}。</translation>
    </message>
    <message>
      <source>A box must be four numbers, x1, y1, x2 and y2, not {data}.</source>
      <translation>框必须是四个数字 x1、y1、x2 和 y2，而不是 {data}。</translation>
    </message>
    <message>
      <source>the image has boxes</source>
      <translation>该图像有框</translation>
    </message>
    <message>
      <source>a project has one whole number for each category</source>
      <translation>项目中每个类别只有一个整数编号</translation>
    </message>
    <message>
      <source>numbers are no ids beyond their file</source>
      <translation>数字在其文件之外不能作为 ID</translation>
    </message>
    <message>
      <source>{path} is not a COCO file: {count} entries of {key} and others have no id.</source>
      <translation>{path} 不是 COCO 文件：{key} 等列表中有 {count} 个条目没有 ID。</translation>
    </message>
    <message>
      <source>it does not fit into the memory of this computer</source>
      <translation>这台计算机的内存装不下它</translation>
    </message>
    <message>
      <source>{path}, line {number}: it has more than {size} MB, as no photo has: check the file.</source>
      <translation>{path} 第 {number} 行超过 {size} MB，没有照片会有这么多内容：请检查该文件。</translation>
    </message>
    <message>
      <source>This is a part of a backup of CVAT: choose COCO 1.0 in its export dialog instead.</source>
      <translation>这是 CVAT 备份的一部分：请在其导出对话框中选择 COCO 1.0。</translation>
    </message>
    <message>
      <source>This is a data set of Ultralytics in JSON lines: export it as COCO instead.</source>
      <translation>这是 Ultralytics 的 JSON Lines 数据集：请改为导出为 COCO。</translation>
    </message>
    <message>
      <source>This is a COCO file: choose the format coco instead.</source>
      <translation>这是 COCO 文件：请改选格式 coco。</translation>
    </message>
    <message>
      <source>This is a table (CSV): convert it to COCO first.</source>
      <translation>这是表格 (CSV)：请先转换为 COCO。</translation>
    </message>
    <message>
      <source>{file}: images with boxes or notes that are not among the given, left out: {count}, such as {example}.</source>
      <translation>{file}：有框或备注但不在这些图像之中而被略过的：{count} 张，例如 {example}。</translation>
    </message>
    <message>
      <source>Images whose boxes are percent in the file and became pixels: {count}, such as {example}.</source>
      <translation>文件中的框为百分比、已转换为像素的图像：{count}，例如 {example}。</translation>
    </message>
    <message>
      <source>Regions with the box and words of another one in the file, left out: {count}, such as {example}.</source>
      <translation>框和文字与文件中另一区域相同而未导入的区域：{count} 个，例如 {example}。</translation>
    </message>
    <message>
      <source>Images in which nobody found anything, by the file, and that have boxes: {count}, such as {example}.</source>
      <translation>文件称其中没有任何内容、但有框的图像：{count} 张，例如 {example}。</translation>
    </message>
    <message>
      <source>{file}: all boxes lie in the first 100 pixels of their images and may be percent. Say what they are: project import --boxes percent, or pixels.</source>
      <translation>{file}：所有框都位于图像的前 100 个像素内，可能是百分比。请说明它们是什么：project import --boxes percent 或 pixels。</translation>
    </message>
    <message>
      <source>{file}: lines left out: {count}, such as: {problem}</source>
      <translation>{file}：略过的行：{count}，例如：{problem}</translation>
    </message>
    <message>
      <source>{file}: boxes left out: {count}, such as: {problem}</source>
      <translation>{file}：略过的框：{count}，例如：{problem}</translation>
    </message>
    <message>
      <source>a phrase is on one line, with single spaces</source>
      <translation>短语占一行，以单个空格分隔</translation>
    </message>
    <message>
      <source>The size of the photo is another than in an earlier line about it.</source>
      <translation>照片的尺寸与前面关于它的一行不同。</translation>
    </message>
    <message>
      <source>Features of a region have {count} numbers and others {most}: they are of two models.</source>
      <translation>一个区域的特征有 {count} 个数，其他的有 {most} 个：它们来自两个模型。</translation>
    </message>
    <message>
      <source>resources/memory.json has other inputs than this version: reinstall the program.</source>
      <translation>resources/memory.json 的输入与此版本不同：请重新安装程序。</translation>
    </message>
    <message>
      <source>Features of a region are not base64 ({reason}).</source>
      <translation>区域的特征不是 base64（{reason}）。</translation>
    </message>
    <message>
      <source>Features of a region have {count} bytes: that is no vector of ours.</source>
      <translation>区域的特征有 {count} 字节：这不是我们的向量。</translation>
    </message>
    <message>
      <source>Features of a region hold something that is not a number.</source>
      <translation>区域的特征中有不是数字的内容。</translation>
    </message>
    <message>
      <source>A vector of {count} bytes cannot be kept: it must have 1 to {most} numbers of float16.</source>
      <translation>{count} 字节的向量无法保存：它必须有 1 到 {most} 个 float16 数。</translation>
    </message>
    <message>
      <source>{id} cannot propose boxes: draw them.</source>
      <translation>{id} 不能建议框：请自己画框。</translation>
    </message>
    <message>
      <source>The model {model} proposed something on {image} that is no box with a score from 0 to 1.</source>
      <translation>模型 {model} 在 {image} 上建议的内容不是带有 0 到 1 分数的框。</translation>
    </message>
    <message>
      <source>it proposed boxes that were not asked for</source>
      <translation>它建议了未被要求的框</translation>
    </message>
    <message>
      <source>A lesson of the project {source} cannot be read ({reason}).</source>
      <translation>项目 {source} 的一条经验无法读取（{reason}）。</translation>
    </message>
    <message>
      <source>A lesson of the project {source} has no category.</source>
      <translation>项目 {source} 的一条经验没有类别。</translation>
    </message>
    <message>
      <source>{lessons} regions of {source} teach this project.</source>
      <translation>{source} 的 {lessons} 个区域正在教这个项目。</translation>
    </message>
    <message>
      <source>{count} more were never looked at by a model: open {source} in the window, wait, and do this again.</source>
      <translation>另有 {count} 个区域从未被模型看过：请在窗口中打开 {source}，等待片刻，然后再做一次。</translation>
    </message>
    <message>
      <source>{folder} has no {name}: give the folder of another project.</source>
      <translation>{folder} 中没有 {name}：请给出另一个项目的文件夹。</translation>
    </message>
    <message>
      <source>{folder} is this project itself: give the folder of another one.</source>
      <translation>{folder} 就是本项目：请给出另一个项目的文件夹。</translation>
    </message>
    <message>
      <source>{folder} taught this project nothing; these did: {names}.</source>
      <translation>{folder} 没有教过这个项目；教过它的有：{names}。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): mend or delete it; the models themselves are elsewhere.</source>
      <translation>{path} 无法读取（{reason}）：请修复或删除它；模型本身在别处。</translation>
    </message>
    <message>
      <source>{id} is no id: use letters, digits, dots and dashes.</source>
      <translation>{id} 不是标识：请使用字母、数字、点和连字符。</translation>
    </message>
    <message>
      <source>{id} was not added; there are: {names}.</source>
      <translation>{id} 没有被添加；已有：{names}。</translation>
    </message>
    <message>
      <source>opener of models</source>
      <translation>模型打开器</translation>
    </message>
    <message>
      <source>{place} is no model that this program or a plugin can open: give a folder with config.json and safetensors files, or the address of a server.</source>
      <translation>{place} 不是本程序或插件能打开的模型：请给出含有 config.json 和 safetensors 文件的文件夹，或服务器的地址。</translation>
    </message>
    <message>
      <source>The answer is no JSON object.</source>
      <translation>回答不是 JSON 对象。</translation>
    </message>
    <message>
      <source>The answer has no caption.</source>
      <translation>回答没有描述。</translation>
    </message>
    <message>
      <source>The answer was cut off.</source>
      <translation>回答被截断了。</translation>
    </message>
    <message>
      <source>The answer holds no caption.</source>
      <translation>回答中没有描述。</translation>
    </message>
    <message>
      <source>The question refers to region {number}, but {boxes} boxes are selected.</source>
      <translation>问题提到区域 {number}，但只选择了 {boxes} 个框。</translation>
    </message>
    <message>
      <source>{path}: {reason}</source>
      <translation>{path}：{reason}</translation>
    </message>
    <message>
      <source>The prompt 'task' does not hold {mark}: the model would not know which region.</source>
      <translation>提示词 “task” 中没有 {mark}：模型不会知道是哪个区域。</translation>
    </message>
    <message>
      <source>The prompt {name} is empty or has more than {most} letters.</source>
      <translation>提示词 {name} 为空或超过 {most} 个字符。</translation>
    </message>
    <message>
      <source>This server tells no probabilities: 0.5 stands for them.</source>
      <translation>此服务器不给出概率：以 0.5 代替。</translation>
    </message>
    <message>
      <source>{server} failed: {reason}</source>
      <translation>{server} 出错：{reason}</translation>
    </message>
    <message>
      <source>{server} wrote thoughts and no answer: turn thinking off where it is started.</source>
      <translation>{server} 只写了思考过程而没有回答：请在启动它时关闭思考。</translation>
    </message>
    <message>
      <source>{count} options cannot be compared at once: {most} at most.</source>
      <translation>无法一次比较 {count} 个选项：最多 {most} 个。</translation>
    </message>
    <message>
      <source>{model} does not tell how likely each of the options is.</source>
      <translation>{model} 没有给出各选项的概率。</translation>
    </message>
    <message>
      <source>{address} is not on this machine: parts of your photos would be sent to {host}. Allow it for this server if you want that.</source>
      <translation>{address} 不在本机：您照片的部分内容会被发送到 {host}。如果您愿意，请允许此服务器这样做。</translation>
    </message>
    <message>
      <source>{server} has no model {model}; it has {names}.</source>
      <translation>{server} 没有模型 {model}；它有 {names}。</translation>
    </message>
    <message>
      <source>{server} has no model: load one there.</source>
      <translation>{server} 没有模型：请在其中加载一个。</translation>
    </message>
    <message>
      <source>{server} has several models, choose one: {names}.</source>
      <translation>{server} 有多个模型，请选择一个：{names}。</translation>
    </message>
    <message>
      <source>The address of a server holds no password, '?' or '#': leave them out and set {variable}.</source>
      <translation>服务器地址中不能有密码、“?” 或 “#”：请去掉它们并设置 {variable}。</translation>
    </message>
    <message>
      <source>{url} is no address of a server: write it like http://127.0.0.1:8000/v1.</source>
      <translation>{url} 不是服务器地址：请写成 http://127.0.0.1:8000/v1 这样的形式。</translation>
    </message>
    <message>
      <source>The key in {variable} holds letters that no key has: set it again.</source>
      <translation>{variable} 中的密钥含有密钥不会有的字符：请重新设置。</translation>
    </message>
    <message>
      <source>{server} does not know the model {model}, or what it is asked for ({reason}).</source>
      <translation>{server} 不认识模型 {model}，或不认识所请求的内容（{reason}）。</translation>
    </message>
    <message>
      <source>{server} takes no request that large: send smaller pictures.</source>
      <translation>{server} 不接受这么大的请求：请发送较小的图片。</translation>
    </message>
    <message>
      <source>{server} sends to another place, where the photos do not go: give that address itself.</source>
      <translation>{server} 要求转到另一个地址，照片不会发往那里：请直接给出那个地址。</translation>
    </message>
    <message>
      <source>{server} has had no room for a long time (HTTP {status}): try again later.</source>
      <translation>{server} 长时间没有空闲（HTTP {status}）：请稍后再试。</translation>
    </message>
    <message>
      <source>{server} failed (HTTP {status}): {reason}</source>
      <translation>{server} 出错（HTTP {status}）：{reason}</translation>
    </message>
    <message>
      <source>{server} has room for {room} tokens and the question has {needed}: start it with more ({how}), or send smaller pictures.</source>
      <translation>{server} 只能容纳 {room} 个 token，而问题有 {needed} 个：请用更大的上下文启动它（{how}），或发送较小的图片。</translation>
    </message>
    <message>
      <source>{server} has no room for the question and its picture: start it with more context ({how}), or send smaller pictures.</source>
      <translation>{server} 容纳不下问题及其图片：请用更大的上下文启动它（{how}），或发送较小的图片。</translation>
    </message>
    <message>
      <source>{server} wants another key (HTTP {status}): set {variable}.</source>
      <translation>{server} 需要另一个密钥（HTTP {status}）：请设置 {variable}。</translation>
    </message>
    <message>
      <source>The model {model} of {server} sees no pictures: choose one that does, or start llama.cpp with --mmproj.</source>
      <translation>{server} 的模型 {model} 看不了图片：请选择能看图的模型，或用 --mmproj 启动 llama.cpp。</translation>
    </message>
    <message>
      <source>{server} cannot be reached ({reason}): is it running?</source>
      <translation>无法连接 {server}（{reason}）：它在运行吗？</translation>
    </message>
    <message>
      <source>{server} did not answer ({reason}): look at what it does, then ask again.</source>
      <translation>{server} 没有回答（{reason}）：请查看它在做什么，然后再问一次。</translation>
    </message>
    <message>
      <source>The question to {server} was stopped.</source>
      <translation>发给 {server} 的问题已停止。</translation>
    </message>
    <message>
      <source>The connection to {server} broke in the middle of an answer ({reason}): ask again.</source>
      <translation>与 {server} 的连接在回答中途断开（{reason}）：请再问一次。</translation>
    </message>
    <message>
      <source>What {server} answered cannot be read: {reason}.</source>
      <translation>无法读取 {server} 的回答：{reason}。</translation>
    </message>
    <message>
      <source>What answers at {address} is no model server: give the address of its /v1, such as http://127.0.0.1:8000/v1.</source>
      <translation>{address} 处应答的不是模型服务器：请给出其 /v1 的地址，例如 http://127.0.0.1:8000/v1。</translation>
    </message>
    <message>
      <source>{id} cannot be shown this picture: {reason}.</source>
      <translation>无法向 {id} 显示这张图片：{reason}。</translation>
    </message>
    <message>
      <source>{path} needs torch and transformers ({reason}): pip install 'roi-assistant[torch]'.</source>
      <translation>{path} 需要 torch 和 transformers（{reason}）：pip install 'roi-assistant[torch]'。</translation>
    </message>
    <message>
      <source>{path} is a {architecture}, which transformers has from version {first} on, and {installed} is installed: pip install --upgrade transformers.</source>
      <translation>{path} 是 {architecture}，transformers 从 {first} 版起才有，而已安装的是 {installed}：pip install --upgrade transformers。</translation>
    </message>
    <message>
      <source>{path} is a {architecture}, which transformers {installed} does not know: a newer version may, or the model needs code of its own, which is never run.</source>
      <translation>{path} 是 {architecture}，transformers {installed} 不认识它：更新的版本也许认识，或者该模型需要自己的代码，而那是从不运行的。</translation>
    </message>
    <message>
      <source>{path} has no chat template, so that nothing can be asked: take the checkpoint whose name ends in Instruct, it or Chat.</source>
      <translation>{path} 没有对话模板，因此无法提问：请使用名称以 Instruct、it 或 Chat 结尾的检查点。</translation>
    </message>
    <message>
      <source>{path} is a {architecture} without an image processor: it reads text only and cannot look at a photo.</source>
      <translation>{path} 是没有图像处理器的 {architecture}：它只读文字，不能看照片。</translation>
    </message>
    <message>
      <source>{path} is no folder: give the folder with the checkpoint's config.json.</source>
      <translation>{path} 不是文件夹：请给出检查点 config.json 所在的文件夹。</translation>
    </message>
    <message>
      <source>{path} holds no config.json, so it is no checkpoint: give the folder that was downloaded as a whole.</source>
      <translation>{path} 中没有 config.json，因此不是检查点：请给出完整下载的文件夹。</translation>
    </message>
    <message>
      <source>{path} does not say a model_type, so it is of no checkpoint of transformers.</source>
      <translation>{path} 没有写明 model_type，因此不属于 transformers 的检查点。</translation>
    </message>
    <message>
      <source>{reason} Download the model again.</source>
      <translation>{reason} 请重新下载模型。</translation>
    </message>
    <message>
      <source>{path} holds no weights as safetensors: other kinds can hold code and are not read. Download the safetensors files of the model.</source>
      <translation>{path} 中没有 safetensors 权重：其他格式可能含有代码，不会被读取。请下载模型的 safetensors 文件。</translation>
    </message>
    <message>
      <source>{path} lacks {count} of {all} files of weights, first {name}: download it again.</source>
      <translation>{path} 的 {all} 个权重文件缺少 {count} 个，首先是 {name}：请重新下载。</translation>
    </message>
    <message>
      <source>{path} is no file of weights ({reason}): download it again.</source>
      <translation>{path} 不是权重文件（{reason}）：请重新下载。</translation>
    </message>
    <message>
      <source>use a smaller model, or one on a server</source>
      <translation>请使用更小的模型，或服务器上的模型</translation>
    </message>
    <message>
      <source>The GPU has too little memory left for {id}: close other programs, or use --device cpu.</source>
      <translation>GPU 剩余内存不足以运行 {id}：请关闭其他程序，或使用 --device cpu。</translation>
    </message>
    <message>
      <source>{path} cannot be loaded ({reason}): download it again.</source>
      <translation>{path} 无法加载（{reason}）：请重新下载。</translation>
    </message>
    <message>
      <source>{path} needs a library that is not installed ({reason}): pip install 'roi-assistant[torch]', or what is named there.</source>
      <translation>{path} 需要一个未安装的库（{reason}）：pip install 'roi-assistant[torch]'，或其中所说的库。</translation>
    </message>
    <message>
      <source>{id} cannot chat: choose a model that can, such as Qwen3-VL.</source>
      <translation>{id} 不能对话：请选择能对话的模型，例如 Qwen3-VL。</translation>
    </message>
    <message>
      <source>There is too little memory for {id} and one photo: close other programs, or use a smaller model.</source>
      <translation>内存不足以运行 {id} 和一张照片：请关闭其他程序，或使用更小的模型。</translation>
    </message>
    <message>
      <source>{id} cannot answer: {reason}.</source>
      <translation>{id} 无法回答：{reason}。</translation>
    </message>
    <message>
      <source>The attribute {name} has no list of values.</source>
      <translation>属性 {name} 没有取值列表。</translation>
    </message>
    <message>
      <source>This server keeps nothing of a picture between questions: it is asked about up to 8 regions of a photo at once.</source>
      <translation>该服务器不会在问题之间保留图片：每次最多询问一张照片中的 8 个区域。</translation>
    </message>
    <message>
      <source>This torch finds no CUDA device ({reason}): install torch with CUDA and a driver for it, or use --device cpu.</source>
      <translation>此 torch 找不到 CUDA 设备（{reason}）：请安装带 CUDA 的 torch 及其驱动程序，或使用 --device cpu。</translation>
    </message>
    <message>
      <source>The GPU {name} has the compute capability {capability}, and this torch is built for {built_for}: install one that is built for it, or use --device cpu.</source>
      <translation>GPU {name} 的计算能力为 {capability}，而此 torch 是为 {built_for} 构建的：请安装为它构建的 torch，或使用 --device cpu。</translation>
    </message>
    <message>
      <source>{id} finds boxes and writes no captions: give it to --propose, or let it suggest boxes on the page Models.</source>
      <translation>{id} 只查找方框，不写描述：请用于 --propose，或在“模型”页面让它建议方框。</translation>
    </message>
    <message>
      <source>{id} writes captions and finds no boxes: give it to --model.</source>
      <translation>{id} 写描述，不查找方框：请用于 --model。</translation>
    </message>
    <message>
      <source>{id} cannot find {words}: it knows {count} classes, such as {examples}. A detector by words, such as Grounding DINO or OWLv2, looks for anything.</source>
      <translation>{id} 找不到 {words}：它认识 {count} 个类别，例如 {examples}。按词语查找的检测器（如 Grounding DINO 或 OWLv2）可以查找任何东西。</translation>
    </message>
    <message>
      <source>{id} looks for what it is told: type what to look for, or make a list of categories.</source>
      <translation>{id} 只查找指定的内容：请输入要找什么，或建立类别列表。</translation>
    </message>
    <message>
      <source>{path} is a {architecture} without preprocessor_config.json, which says how it is shown a photo: download the whole folder.</source>
      <translation>{path} 是 {architecture}，但缺少说明如何向它展示照片的 preprocessor_config.json：请下载整个文件夹。</translation>
    </message>
    <message>
      <source>use a smaller detector</source>
      <translation>请使用较小的检测器</translation>
    </message>
    <message>
      <source>{path} lacks {count} weights of its model, first {name}: download it again.</source>
      <translation>{path} 缺少模型的 {count} 个权重，第一个是 {name}：请重新下载。</translation>
    </message>
    <message>
      <source>{id} was loaded but cannot look at a picture ({reason}): its files may not belong together.</source>
      <translation>{id} 已加载，但无法查看图片（{reason}）：它的文件可能不属于同一个模型。</translation>
    </message>
    <message>
      <source>{precision} needs a library: pip install bitsandbytes.</source>
      <translation>{precision} 需要一个库：pip install bitsandbytes。</translation>
    </message>
    <message>
      <source>add it with --precision auto, use a smaller model, or one on a server</source>
      <translation>请用 --precision auto 添加，或使用更小的模型或服务器上的模型</translation>
    </message>
    <message>
      <source>pip install bitsandbytes halves that, or use a smaller model, or one on a server</source>
      <translation>pip install bitsandbytes 可减半，或使用更小的模型或服务器上的模型</translation>
    </message>
    <message>
      <source>{id} computes no numbers in {precision}: choose another precision, or use --device cpu.</source>
      <translation>{id} 以 {precision} 算不出数值：请选择其他精度，或使用 --device cpu。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): install RoI Assistant again.</source>
      <translation>无法读取 {path}（{reason}）：请重新安装 RoI Assistant。</translation>
    </message>
    <message>
      <source>{id_} is not downloaded yet: run roi-assistant models pull {id_}, or press Download on the page Models.</source>
      <translation>{id_} 尚未下载：请运行 roi-assistant models pull {id_}，或在“模型”页面按“下载”。</translation>
    </message>
    <message>
      <source>The other model says nothing of {attribute}.</source>
      <translation>另一个模型没有提到 {attribute}。</translation>
    </message>
    <message>
      <source>There is no answer {number}: other models gave {count}.</source>
      <translation>没有第 {number} 个回答：其他模型给出了 {count} 个。</translation>
    </message>
    <message>
      <source>{name}: {difference}</source>
      <translation>{name}：{difference}</translation>
    </message>
    <message>
      <source>{left} against {right}</source>
      <translation>{left} 对 {right}</translation>
    </message>
    <message>
      <source>What is written in a box of {image} could not be read ({reason}); captions go on.</source>
      <translation>无法读取 {image} 中一个框内的文字（{reason}）；描述不受影响。</translation>
    </message>
    <message>
      <source>the reader's answer is no text with a confidence from 0 to 1</source>
      <translation>读取器的回答不是带有 0 到 1 置信度的文字</translation>
    </message>
    <message>
      <source>reader of text</source>
      <translation>文字读取器</translation>
    </message>
    <message>
      <source>No plugin reads what is written in boxes.</source>
      <translation>没有可读取框内文字的插件。</translation>
    </message>
    <message>
      <source>Reading what is written in boxes needs RapidOCR: pip install 'roi-assistant[ocr]'.</source>
      <translation>读取框内文字需要 RapidOCR：pip install 'roi-assistant[ocr]'。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}): install rapidocr 3.10 again.</source>
      <translation>无法读取 {path}（{reason}）：请重新安装 rapidocr 3.10。</translation>
    </message>
    <message>
      <source>The box is {width} x {height} pixels: nobody sees what is in it.</source>
      <translation>框只有 {width} x {height} 像素：看不出里面是什么。</translation>
    </message>
    <message>
      <source>Two boxes of “{name}” overlap by {percent} percent.</source>
      <translation>“{name}”的两个框有 {percent}% 重叠。</translation>
    </message>
    <message>
      <source>no category</source>
      <translation>无类别</translation>
    </message>
    <message>
      <source>The same box is a “{one}” and a “{other}”.</source>
      <translation>同一个框既是“{one}”又是“{other}”。</translation>
    </message>
    <message>
      <source>The box of a “{name}” contains another “{name}”.</source>
      <translation>“{name}”的框里还有一个“{name}”。</translation>
    </message>
    <message>
      <source>The photo is missing or cannot be read</source>
      <translation>照片缺失或无法读取</translation>
    </message>
    <message>
      <source>The photo has another size than before</source>
      <translation>照片的尺寸与以前不同</translation>
    </message>
    <message>
      <source>An attribute value that the project does not have</source>
      <translation>项目中没有的属性值</translation>
    </message>
    <message>
      <source>One category spelled in several ways</source>
      <translation>同一类别有多种写法</translation>
    </message>
    <message>
      <source>Nearly the same box twice</source>
      <translation>几乎相同的框出现两次</translation>
    </message>
    <message>
      <source>No caption</source>
      <translation>没有描述</translation>
    </message>
    <message>
      <source>Caption and category name different things</source>
      <translation>描述与类别说的不是同一种东西</translation>
    </message>
    <message>
      <source>The caption names a color that is not there</source>
      <translation>描述中的颜色并不存在</translation>
    </message>
    <message>
      <source>The same caption for different things</source>
      <translation>不同的东西用了相同的描述</translation>
    </message>
    <message>
      <source>Captions in another script than the others</source>
      <translation>描述所用的文字与其他描述不同</translation>
    </message>
    <message>
      <source>Suggestions left on a reviewed image</source>
      <translation>已审核的图片上仍有建议</translation>
    </message>
    <message>
      <source>One box with two categories</source>
      <translation>一个框有两个类别</translation>
    </message>
    <message>
      <source>A box that contains another of the same category</source>
      <translation>框内还有同类别的框</translation>
    </message>
    <message>
      <source>A tiny box</source>
      <translation>极小的框</translation>
    </message>
    <message>
      <source>Two words for the same category</source>
      <translation>同一类别用了两个词</translation>
    </message>
    <message>
      <source>Of {all} regions {decided} are reviewed, {left} still wait.</source>
      <translation>{all} 个区域中已审核 {decided} 个，还有 {left} 个待审核。</translation>
    </message>
    <message>
      <source>“{name}” ({count}) is also spelled “{into}” ({more}).</source>
      <translation>“{name}”（{count} 个）也写作“{into}”（{more} 个）。</translation>
    </message>
    <message>
      <source>“{name}” ({count}) and “{into}” ({more}) are words for the same.</source>
      <translation>“{name}”（{count} 个）和“{into}”（{more} 个）是同义词。</translation>
    </message>
    <message>
      <source>{count} regions have the caption “{caption}”, a “{one}” and a “{other}” among them.</source>
      <translation>{count} 个区域的描述都是“{caption}”，其中有“{one}”，也有“{other}”。</translation>
    </message>
    <message>
      <source>{count} regions on {images} images have the same long caption “{caption}”.</source>
      <translation>{images} 张图片上的 {count} 个区域用了同一个长描述“{caption}”。</translation>
    </message>
    <message>
      <source>The region was reviewed and has no caption.</source>
      <translation>该区域已审核，但没有描述。</translation>
    </message>
    <message>
      <source>The caption “{caption}” is {script}, most others are {main}.</source>
      <translation>描述“{caption}”用的是{script}，其他描述大多是{main}。</translation>
    </message>
    <message>
      <source>The caption “{caption}” says nothing.</source>
      <translation>描述“{caption}”没有内容。</translation>
    </message>
    <message>
      <source>The caption “{caption}” is about a “{noun}”, the category is “{category}”.</source>
      <translation>描述“{caption}”说的是“{noun}”，类别却是“{category}”。</translation>
    </message>
    <message>
      <source>The caption “{caption}” says {named}, the box is {percent} percent {measured}.</source>
      <translation>描述“{caption}”中的颜色是 {named}，框内却有 {percent}% 是 {measured}。</translation>
    </message>
    <message>
      <source>The project has no attribute {name}; here it is “{values}”.</source>
      <translation>项目没有属性 {name}；此处的值为“{values}”。</translation>
    </message>
    <message>
      <source>The photo had {before} pixels when its boxes were drawn and has {now}.</source>
      <translation>画框时照片为 {before} 像素，现在是 {now} 像素。</translation>
    </message>
    <message>
      <source>The captions are in several scripts: {main} ({count}), {other} ({more}).</source>
      <translation>描述使用了多种文字：{main}（{count} 条）、{other}（{more} 条）。</translation>
    </message>
    <message>
      <source>Latin</source>
      <translation>拉丁文字</translation>
    </message>
    <message>
      <source>Chinese or Japanese</source>
      <translation>中文或日文</translation>
    </message>
    <message>
      <source>Korean</source>
      <translation>韩文</translation>
    </message>
    <message>
      <source>Cyrillic</source>
      <translation>西里尔文字</translation>
    </message>
    <message>
      <source>Greek</source>
      <translation>希腊文字</translation>
    </message>
    <message>
      <source>Arabic</source>
      <translation>阿拉伯文字</translation>
    </message>
    <message>
      <source>Hebrew</source>
      <translation>希伯来文字</translation>
    </message>
    <message>
      <source>Thai</source>
      <translation>泰文</translation>
    </message>
    <message>
      <source>Devanagari</source>
      <translation>天城文</translation>
    </message>
    <message>
      <source>{id} cannot look for {words}: it suggests boxes of whatever is there. A detector by words, such as Grounding DINO or OWLv2, looks for anything.</source>
      <translation>{id} 不能查找 {words}：它会为图像上的任何东西建议方框。按词语查找的检测器（如 Grounding DINO 或 OWLv2）可以查找任何东西。</translation>
    </message>
    <message>
      <source>The folder of {id} is gone: {place}. Bring it back, or choose another model on the page Models.</source>
      <translation>{id} 的文件夹不见了：{place}。请恢复该文件夹，或在“模型”页面选择另一个模型。</translation>
    </message>
    <message>
      <source>the format writes it in another way</source>
      <translation>该格式以另一种方式书写</translation>
    </message>
    <message>
      <source>{file}: files left out: {count}, such as: {problem}</source>
      <translation>{file}：略去的文件：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>{path} cannot be read ({reason}).</source>
      <translation>无法读取 {path}（{reason}）。</translation>
    </message>
    <message>
      <source>{path} has more than {count} files: give a smaller folder.</source>
      <translation>{path} 中的文件多于 {count} 个：请给出较小的文件夹。</translation>
    </message>
    <message>
      <source>{path} has no files that end in {suffixes}: check the folder.</source>
      <translation>{path} 中没有以 {suffixes} 结尾的文件：请检查该文件夹。</translation>
    </message>
    <message>
      <source>{path} has more than {size} MB, as no annotation file of an image has: check the file.</source>
      <translation>{path} 超过 {size} MB，一张图像的标注文件不会这么大：请检查该文件。</translation>
    </message>
    <message>
      <source>{path}: another file is about the same image, {name}.</source>
      <translation>{path}：另一个文件说的是同一张图像 {name}。</translation>
    </message>
    <message>
      <source>{name} cannot be the name of a file in an export: rename the image.</source>
      <translation>{name} 不能作为导出文件的名称：请重命名该图像。</translation>
    </message>
    <message>
      <source>{path} is a file, and this format is a folder of files: give another name.</source>
      <translation>{path} 是一个文件，而该格式是一个文件夹：请换一个名称。</translation>
    </message>
    <message>
      <source>{path} holds what no export wrote, such as {name}: give a new folder.</source>
      <translation>{path} 中有并非由导出写入的内容，例如 {name}：请给出一个新文件夹。</translation>
    </message>
    <message>
      <source>{path} holds {name}, which was changed after it was exported: give a new folder.</source>
      <translation>{path} 中的 {name} 在导出之后被修改过：请给出一个新文件夹。</translation>
    </message>
    <message>
      <source>{path}, entry {number}: not a JSON object.</source>
      <translation>{path}，第 {number} 条：不是 JSON 对象。</translation>
    </message>
    <message>
      <source>This is a JSON export of Label Studio: choose the format label-studio instead.</source>
      <translation>这是 Label Studio 的 JSON 导出文件：请改选格式 label-studio。</translation>
    </message>
    <message>
      <source>This is a JSON-MIN export of Label Studio: choose JSON in its export dialog instead.</source>
      <translation>这是 Label Studio 的 JSON-MIN 导出文件：请在其导出对话框中选择 JSON。</translation>
    </message>
    <message>
      <source>This is an export of CVAT in its own XML: choose the format cvat instead.</source>
      <translation>这是 CVAT 自有 XML 格式的导出文件：请改选格式 cvat。</translation>
    </message>
    <message>
      <source>This is a file of labelme: choose the format labelme instead.</source>
      <translation>这是 labelme 的文件：请改选格式 labelme。</translation>
    </message>
    <message>
      <source>This is a file of X-AnyLabeling: choose the format x-anylabeling instead.</source>
      <translation>这是 X-AnyLabeling 的文件：请改选格式 x-anylabeling。</translation>
    </message>
    <message>
      <source>{path} is not an XML file that can be read: {reason}.</source>
      <translation>{path} 不是可以读取的 XML 文件：{reason}。</translation>
    </message>
    <message>
      <source>Give --dialect one of {known}: each family of models wants boxes in another way.</source>
      <translation>请用 --dialect 给出以下之一：{known}。每个模型系列对框的写法各不相同。</translation>
    </message>
    <message>
      <source>{path} is a folder without annotation files that are known: give the file in it.</source>
      <translation>文件夹 {path} 中没有可识别的标注文件：请给出其中的文件。</translation>
    </message>
    <message>
      <source>{path} is a folder: give the file in it.</source>
      <translation>{path} 是一个文件夹：请给出其中的文件。</translation>
    </message>
    <message>
      <source>The format {format_id} asks no questions: choose conversations.</source>
      <translation>格式 {format_id} 不提问题：请选择对话格式。</translation>
    </message>
    <message>
      <source>{path}: a question of the kind {kind} does not hold {mark}, or has more than {most} letters.</source>
      <translation>{path}：类型为 {kind} 的问题中没有 {mark}，或超过 {most} 个字符。</translation>
    </message>
    <message>
      <source>{file}: shapes left out: {count}, such as: {problem}</source>
      <translation>{file}：略去的形状：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>only the box around it is kept</source>
      <translation>只保留其外接框</translation>
    </message>
    <message>
      <source>{path} is not an annotation file of CVAT: it has no annotations.</source>
      <translation>{path} 不是 CVAT 的标注文件：其中没有 annotations。</translation>
    </message>
    <message>
      <source>{path}: the image {name} is there twice.</source>
      <translation>{path}：图像 {name} 出现了两次。</translation>
    </message>
    <message>
      <source>The shape {kind} has no area.</source>
      <translation>形状 {kind} 没有面积。</translation>
    </message>
    <message>
      <source>A number is needed, not {text}.</source>
      <translation>需要一个数字，而不是 {text}。</translation>
    </message>
    <message>
      <source>{file}: tasks left out: {count}, such as: {problem}</source>
      <translation>{file}：略去的任务：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>{file}: regions left out: {count}, such as: {problem}</source>
      <translation>{file}：略去的区域：{count} 个，例如：{problem}</translation>
    </message>
    <message>
      <source>one annotation of each task is read</source>
      <translation>每个任务只读取一份标注</translation>
    </message>
    <message>
      <source>The size of the image is missing.</source>
      <translation>缺少图像的尺寸。</translation>
    </message>
    <message>
      <source>{where}: it has no image; tasks are needed as the JSON export has them.</source>
      <translation>{where}：其中没有图像；需要 JSON 导出文件中那样的任务。</translation>
    </message>
    <message>
      <source>{where}: its annotation has no list of results.</source>
      <translation>{where}：其标注中没有结果列表。</translation>
    </message>
    <message>
      <source>{where}: {key} is not a list of objects.</source>
      <translation>{where}：{key} 不是对象列表。</translation>
    </message>
    <message>
      <source>{path} is not a file of labelme: it has no shapes and imagePath.</source>
      <translation>{path} 不是 labelme 的文件：其中没有 shapes 和 imagePath。</translation>
    </message>
    <message>
      <source>its caption holds a word that stands for a box or photo</source>
      <translation>其描述含有代表框或照片的标记</translation>
    </message>
    <message>
      <source>its region has no caption</source>
      <translation>其区域没有描述</translation>
    </message>
    <message>
      <source>it is not asked for</source>
      <translation>没有针对它的问题</translation>
    </message>
    <message>
      <source>no question has it</source>
      <translation>没有问题涉及它</translation>
    </message>
    <message>
      <source>an answer does not say whose it is</source>
      <translation>回答不说明出自谁</translation>
    </message>
    <message>
      <source>nothing is asked about it</source>
      <translation>没有关于它的问题</translation>
    </message>
    <message>
      <source>its coordinates are rounded</source>
      <translation>其坐标被取整</translation>
    </message>
    <message>
      <source>a question has no answer</source>
      <translation>有问题没有回答</translation>
    </message>
    <message>
      <source>it speaks of a region that is not written</source>
      <translation>它提到了未写入的区域</translation>
    </message>
    <message>
      <source>it holds a word that stands for a box or photo</source>
      <translation>它含有代表框或照片的标记</translation>
    </message>
    <message>
      <source>its last question has no answer</source>
      <translation>最后一个问题没有回答</translation>
    </message>
    <message>
      <source>the processor refuses photos of its shape</source>
      <translation>模型的处理器不接受这种长宽比的照片</translation>
    </message>
    <message>
      <source>it has no area in these coordinates</source>
      <translation>在这种坐标下它没有面积</translation>
    </message>
    <message>
      <source>{file}: conversations left out: {count}, such as: {problem}</source>
      <translation>{file}：略过 {count} 段对话，例如：{problem}</translation>
    </message>
    <message>
      <source>The size of the photo is another than in an earlier record about it.</source>
      <translation>照片的尺寸与前面关于它的记录不同。</translation>
    </message>
    <message>
      <source>A box in the text has no area.</source>
      <translation>文本中有一个框没有面积。</translation>
    </message>
    <message>
      <source>It is about {count} photos, not about one.</source>
      <translation>它涉及 {count} 张照片，而不是一张。</translation>
    </message>
    <message>
      <source>It has no conversations and no messages.</source>
      <translation>其中既没有 conversations 也没有 messages。</translation>
    </message>
    <message>
      <source>A turn is not an object.</source>
      <translation>有一轮对话不是对象。</translation>
    </message>
    <message>
      <source>A turn is not a text of user, assistant or system.</source>
      <translation>有一轮对话不是用户、助手或系统的文本。</translation>
    </message>
    <message>
      <source>Questions and answers do not take turns.</source>
      <translation>问题和回答没有交替出现。</translation>
    </message>
    <message>
      <source>It has no width and height, which boxes in pixels of the resized image need.</source>
      <translation>没有宽度和高度，而以缩放后图像的像素表示的框需要它们。</translation>
    </message>
    <message>
      <source>No processor takes such an image: {reason}.</source>
      <translation>没有处理器接受这样的图像：{reason}。</translation>
    </message>
    <message>
      <source>It has no width and height, which boxes from 0 to 1 need here.</source>
      <translation>没有宽度和高度，而此处 0 到 1 的框需要它们。</translation>
    </message>
    <message>
      <source>{mark} has no box in the list beside the text.</source>
      <translation>{mark} 在文本旁的列表中没有对应的框。</translation>
    </message>
    <message>
      <source>Its boxes are not a list.</source>
      <translation>其中的框不是列表。</translation>
    </message>
    <message>
      <source>its score and author have no place there</source>
      <translation>那里没有位置存放其分数和作者</translation>
    </message>
    <message>
      <source>{path}: the image {id} has no name.</source>
      <translation>{path}：图像 {id} 没有名称。</translation>
    </message>
    <message>
      <source>{where}: another task is about the same image, {name}.</source>
      <translation>{where}：另一个任务说的是同一张图像 {name}。</translation>
    </message>
    <message>
      <source>Conversations (LLaVA, ShareGPT), boxes in pixels</source>
      <translation>对话（LLaVA、ShareGPT），框以像素表示</translation>
    </message>
    <message>
      <source>Conversations (LLaVA, ShareGPT), boxes from 0 to 1000</source>
      <translation>对话（LLaVA、ShareGPT），框为 0 到 1000</translation>
    </message>
    <message>
      <source>Conversations (LLaVA, ShareGPT), boxes from 0 to 1</source>
      <translation>对话（LLaVA、ShareGPT），框为 0 到 1</translation>
    </message>
    <message>
      <source>Conversations for Qwen3-VL and later</source>
      <translation>用于 Qwen3-VL 及更新模型的对话</translation>
    </message>
    <message>
      <source>Conversations for Qwen2.5-VL</source>
      <translation>用于 Qwen2.5-VL 的对话</translation>
    </message>
    <message>
      <source>Conversations for InternVL</source>
      <translation>用于 InternVL 的对话</translation>
    </message>
    <message>
      <source>Conversations for Gemma 4</source>
      <translation>用于 Gemma 4 的对话</translation>
    </message>
    <message>
      <source>Conversations for Shikra</source>
      <translation>用于 Shikra 的对话</translation>
    </message>
    <message>
      <source>Conversations for Kosmos-2</source>
      <translation>用于 Kosmos-2 的对话</translation>
    </message>
    <message>
      <source>Conversations for Florence-2</source>
      <translation>用于 Florence-2 的对话</translation>
    </message>
    <message>
      <source>Conversations for PaliGemma</source>
      <translation>用于 PaliGemma 的对话</translation>
    </message>
    <message>
      <source>Conversations for GPT4RoI</source>
      <translation>用于 GPT4RoI 的对话</translation>
    </message>
    <message>
      <source>Conversations for Ferret</source>
      <translation>用于 Ferret 的对话</translation>
    </message>
    <message>
      <source>ms-swift (Qwen-VL, InternVL and others)</source>
      <translation>ms-swift（Qwen-VL、InternVL 等）</translation>
    </message>
  </context>
  <context>
    <name>Session</name>
    <message>
      <source>Locked regions are not deleted: unlock them first.</source>
      <translation>锁定的区域不会被删除：请先解锁。</translation>
    </message>
    <message>
      <source>There is nothing to undo on this image.</source>
      <translation>此图像上没有可撤销的操作。</translation>
    </message>
    <message>
      <source>There is nothing to redo on this image.</source>
      <translation>此图像上没有可重做的操作。</translation>
    </message>
    <message>
      <source>The folder {} cannot be opened ({}): check that it can be read and written.</source>
      <translation>无法打开文件夹 {}（{}）：请检查它是否可读写。</translation>
    </message>
    <message>
      <source>There is no image before this one to copy boxes from.</source>
      <translation>前面没有可供复制框的图像。</translation>
    </message>
    <message>
      <source>This project is open for reading only: nothing was changed.</source>
      <translation>此项目以只读方式打开：没有作任何更改。</translation>
    </message>
    <message>
      <source>The last change was not stored and was taken back. {}</source>
      <translation>上一次更改未能保存，已撤回。{}</translation>
    </message>
    <message>
      <source>The project cannot be read. {}</source>
      <translation>无法读取项目。{}</translation>
    </message>
    <message>
      <source>There are boxes on this image: delete them first.</source>
      <translation>此图像上有框：请先删除它们。</translation>
    </message>
    <message>
      <source>Boxes that were here already: {}.</source>
      <translation>此处已有的框：{}。</translation>
    </message>
    <message>
      <source>Boxes outside this image: {}.</source>
      <translation>超出此图像的框：{}。</translation>
    </message>
    <message>
      <source>Boxes cut off at the edge: {}.</source>
      <translation>在边缘被裁剪的框：{}。</translation>
    </message>
    <message>
      <source>There are no boxes to copy.</source>
      <translation>没有可复制的框。</translation>
    </message>
    <message>
      <source>No box was added.</source>
      <translation>未添加任何框。</translation>
    </message>
    <message>
      <source>No other image in the list waits for review.</source>
      <translation>列表中没有其他待审核的图像。</translation>
    </message>
    <message>
      <source>Regions of this image that are damaged and not shown: {}. They stay in the project file; “project check” tells more.</source>
      <translation>此图像中有损坏而未显示的区域：{} 个。它们仍在项目文件中；“project check”会说明详情。</translation>
    </message>
    <message>
      <source>The model {} cannot suggest boxes: draw them.</source>
      <translation>模型 {} 不能建议框：请自己画框。</translation>
    </message>
    <message>
      <source>No more boxes were found here: draw them.</source>
      <translation>这里没有找到更多的框：请自己画框。</translation>
    </message>
    <message>
      <source>Only a box that is not decided and not locked gets larger.</source>
      <translation>只有尚未决定且未锁定的框才能变大。</translation>
    </message>
    <message>
      <source>No larger box was found here: drag the edges of this one.</source>
      <translation>这里没有找到更大的框：请拖动此框的边。</translation>
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>Look and language</source>
      <translation>外观和语言</translation>
    </message>
    <message>
      <source>Canvas</source>
      <translation>画布</translation>
    </message>
    <message>
      <source>Suggestions</source>
      <translation>建议</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Theme</source>
      <translation>主题</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Show captions on the image</source>
      <translation>在图像上显示描述</translation>
    </message>
    <message>
      <source>Crosshair at the pointer</source>
      <translation>在指针处显示十字线</translation>
    </message>
    <message>
      <source>Snap to the edges of other boxes and of the image</source>
      <translation>吸附到其他框和图像的边缘</translation>
    </message>
    <message>
      <source>Describe a box as soon as it is drawn or moved</source>
      <translation>画框或移动框后立即描述</translation>
    </message>
    <message>
      <source>Otherwise press R</source>
      <translation>否则请按 R</translation>
    </message>
    <message>
      <source>Go on to the next region that waits after a decision</source>
      <translation>作出决定后转到下一个待审核的区域</translation>
    </message>
    <message>
      <source>After accept, reject, an alternative, or Enter in the caption</source>
      <translation>在接受、拒绝、选择备选，或在描述中按 Enter 之后</translation>
    </message>
    <message>
      <source>Captions are</source>
      <translation>描述的形式</translation>
    </message>
    <message>
      <source>Alternatives</source>
      <translation>备选</translation>
    </message>
    <message>
      <source>How many other captions are offered under the keys 1 to 9</source>
      <translation>按键 1 至 9 下提供多少条备选描述</translation>
    </message>
    <message>
      <source>Attributes from a score of</source>
      <translation>属性的最低分数</translation>
    </message>
    <message>
      <source>The probability that a person would agree; less likely ones are left out</source>
      <translation>人会同意的概率；可能性更低的会被略去</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>设备</translation>
    </message>
    <message>
      <source>Automatic takes the GPU when there is one that works</source>
      <translation>“自动”会在有可用的 GPU 时使用它</translation>
    </message>
    <message>
      <source>CPU threads</source>
      <translation>CPU 线程数</translation>
    </message>
    <message>
      <source>0 leaves it to the model</source>
      <translation>0 表示由模型决定</translation>
    </message>
    <message>
      <source>Prepare the next and the previous image</source>
      <translation>预先处理前后图像</translation>
    </message>
    <message>
      <source>Memory for prepared images</source>
      <translation>预处理图像的内存</translation>
    </message>
    <message>
      <source>In the process of the model</source>
      <translation>在模型的进程中</translation>
    </message>
    <message>
      <source>Unload the model after</source>
      <translation>卸载模型的等待时间</translation>
    </message>
    <message>
      <source>Without work for so long it gives its memory back; the next box loads it again</source>
      <translation>空闲这么久后释放内存；下一个框会重新加载模型</translation>
    </message>
    <message>
      <source>As the system</source>
      <translation>跟随系统</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>浅色</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>深色</translation>
    </message>
    <message>
      <source>phrases</source>
      <translation>短语</translation>
    </message>
    <message>
      <source>sentences</source>
      <translation>句子</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source> minutes</source>
      <translation>分钟</translation>
    </message>
    <message>
      <source>List of images</source>
      <translation>图像列表</translation>
    </message>
    <message>
      <source>Sort by</source>
      <translation>排序方式</translation>
    </message>
    <message>
      <source>The other way round</source>
      <translation>反向</translation>
    </message>
    <message>
      <source>Group by</source>
      <translation>分组方式</translation>
    </message>
    <message>
      <source>name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>date of the file</source>
      <translation>文件日期</translation>
    </message>
    <message>
      <source>how many wait for review</source>
      <translation>待审核数量</translation>
    </message>
    <message>
      <source>least certain suggestion</source>
      <translation>最不确定的建议</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>不分组</translation>
    </message>
    <message>
      <source>folder</source>
      <translation>文件夹</translation>
    </message>
    <message>
      <source>state</source>
      <translation>状态</translation>
    </message>
    <message>
      <source>Keep the boxes of the previous image</source>
      <translation>保留上一张图像的框</translation>
    </message>
    <message>
      <source>On going to the next image, they appear there with their words, to be reviewed</source>
      <translation>转到下一张图像时，这些框连同文字出现在那里，等待审核</translation>
    </message>
    <message>
      <source>Show attribute values on the image</source>
      <translation>在图片上显示属性值</translation>
    </message>
    <message>
      <source>Width of the lines of boxes</source>
      <translation>框线宽度</translation>
    </message>
    <message>
      <source>Opacity inside boxes</source>
      <translation>框内不透明度</translation>
    </message>
    <message>
      <source>Color boxes by category</source>
      <translation>按类别为方框着色</translation>
    </message>
    <message>
      <source>Otherwise by review state</source>
      <translation>否则按审核状态着色</translation>
    </message>
    <message>
      <source>Go on to the next image after the last decision</source>
      <translation>最后一个决定之后转到下一张图像</translation>
    </message>
    <message>
      <source>To one with regions that wait, unless you drew boxes on this one</source>
      <translation>转到有待审核区域的图像，除非您在当前图像上画了框</translation>
    </message>
    <message>
      <source>descriptions</source>
      <translation>描述</translation>
    </message>
    <message>
      <source>Learn from what I accept</source>
      <translation>从我接受的内容中学习</translation>
    </message>
    <message>
      <source>Regions that look like those that you named in this project are named like them</source>
      <translation>与您在此项目中命名过的区域相似的区域会得到同样的名称</translation>
    </message>
    <message>
      <source>A click boxes the object</source>
      <translation>单击即为物体画框</translation>
    </message>
    <message>
      <source>With the tool that draws, where there is no box yet; else a click only deselects</source>
      <translation>使用画框工具时，在还没有框的地方；否则单击只取消选择</translation>
    </message>
    <message>
      <source>Suggests boxes</source>
      <translation>建议方框</translation>
    </message>
    <message>
      <source>The model itself, or a detector that was added on the page Models</source>
      <translation>模型本身，或在“模型”页面添加的检测器</translation>
    </message>
    <message>
      <source>The model itself</source>
      <translation>模型本身</translation>
    </message>
    <message>
      <source>Second model</source>
      <translation>第二个模型</translation>
    </message>
    <message>
      <source>Asked about boxes with words to compare: Shift+R; “none” for no second one</source>
      <translation>用于比较，就已有文字的框询问：Shift+R；选“无”表示没有第二个模型</translation>
    </message>
  </context>
  <context>
    <name>SettingsPage</name>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>A change counts at once. The file is {}.</source>
      <translation>更改立即生效。文件位于 {}。</translation>
    </message>
    <message>
      <source>Reset to the defaults</source>
      <translation>恢复默认设置</translation>
    </message>
    <message>
      <source>All settings as they were after the installation</source>
      <translation>所有设置恢复为安装后的状态</translation>
    </message>
  </context>
  <context>
    <name>ShortcutsPage</name>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>键盘快捷键</translation>
    </message>
    <message>
      <source>Single keys work everywhere but in text fields. Ctrl+K finds a command by its name.</source>
      <translation>单键快捷键在文本框以外的任何地方都有效。Ctrl+K 可按名称查找命令。</translation>
    </message>
  </context>
  <context>
    <name>SizesCard</name>
    <message>
      <source>width of the box</source>
      <translation>框的宽度</translation>
    </message>
    <message>
      <source>height of the box</source>
      <translation>框的高度</translation>
    </message>
    <message>
      <source>{} boxes, {} wide and {} high</source>
      <translation>{} 个框，宽 {}，高 {}</translation>
    </message>
    <message>
      <source>Most boxes ({}) are near {} wide and {} high, as parts of the image.</source>
      <translation>最多的框（{} 个）约宽 {}、高 {}（占图像的比例）。</translation>
    </message>
  </context>
  <context>
    <name>StateLine</name>
    <message>
      <source>? unsure, {certainty} certain</source>
      <translation>? 没有把握，确信度 {certainty}</translation>
    </message>
    <message>
      <source>{certainty} certain</source>
      <translation>确信度 {certainty}</translation>
    </message>
  </context>
  <context>
    <name>StatusBar</name>
    <message>
      <source>Image and regions</source>
      <translation>图像和区域</translation>
    </message>
    <message>
      <source>Pointer, in pixels of the image</source>
      <translation>指针位置（图像像素）</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>缩放</translation>
    </message>
    <message>
      <source>State of the project file</source>
      <translation>项目文件的状态</translation>
    </message>
    <message>
      <source>Model, device and precision</source>
      <translation>模型、设备和精度</translation>
    </message>
    <message>
      <source>{} of {}</source>
      <translation>{} / {}</translation>
    </message>
    <message numerus="yes">
      <source>%n image(s)</source>
      <translation>
        <numerusform>%n 张图像</numerusform>
      </translation>
    </message>
    <message>
      <source>looking for images…</source>
      <translation>正在查找图像…</translation>
    </message>
    <message numerus="yes">
      <source>%n region(s)</source>
      <translation>
        <numerusform>%n 个区域</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n to review</source>
      <translation>
        <numerusform>%n 个待审核</numerusform>
      </translation>
    </message>
    <message>
      <source>Saved</source>
      <translation>已保存</translation>
    </message>
    <message>
      <source>Saving…</source>
      <translation>正在保存…</translation>
    </message>
    <message>
      <source>Not saved</source>
      <translation>未保存</translation>
    </message>
    <message>
      <source>Read only</source>
      <translation>只读</translation>
    </message>
    <message>
      <source>{}: loading…</source>
      <translation>{}：正在加载…</translation>
    </message>
    <message>
      <source>{}: does not run</source>
      <translation>{}：无法运行</translation>
    </message>
    <message>
      <source>{}: asleep</source>
      <translation>{}：已休眠</translation>
    </message>
    <message>
      <source>{}: not running</source>
      <translation>{}：未运行</translation>
    </message>
    <message>
      <source>Only what is seen: no file changes. Shift+B shows the picture as it is.</source>
      <translation>只影响显示，不改动任何文件。按 Shift+B 显示原样。</translation>
    </message>
    <message>
      <source>Category of the next boxes; Esc takes it back</source>
      <translation>后续方框的类别；按 Esc 取消</translation>
    </message>
    <message>
      <source>brightness {}</source>
      <translation>亮度 {}</translation>
    </message>
    <message>
      <source>contrast {}</source>
      <translation>对比度 {}</translation>
    </message>
    <message>
      <source>gamma {}</source>
      <translation>伽马 {}</translation>
    </message>
    <message>
      <source>Shown with {}</source>
      <translation>显示调整：{}</translation>
    </message>
    <message>
      <source>Next boxes: {}</source>
      <translation>后续方框：{}</translation>
    </message>
  </context>
  <context>
    <name>TurnView</name>
    <message>
      <source>You</source>
      <translation>您</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Copy this answer</source>
      <translation>复制此回答</translation>
    </message>
    <message>
      <source>Use as caption</source>
      <translation>用作描述</translation>
    </message>
    <message>
      <source>Make this answer the caption of the selected region</source>
      <translation>将此回答用作所选区域的描述</translation>
    </message>
    <message>
      <source>thinking…</source>
      <translation>正在思考…</translation>
    </message>
    <message>
      <source>region {}</source>
      <translation>区域 {}</translation>
    </message>
  </context>
  <context>
    <name>ValuePicker</name>
    <message>
      <source>Find a value</source>
      <translation>查找取值</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>取值</translation>
    </message>
  </context>
  <context>
    <name>ViewPanel</name>
    <message>
      <source>Picture: seen only, no file changes</source>
      <translation>图片：只影响显示，不改动文件</translation>
    </message>
    <message>
      <source>&amp;Brightness</source>
      <translation>亮度(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Contrast</source>
      <translation>对比度(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Gamma</source>
      <translation>伽马(&amp;G)</translation>
    </message>
    <message>
      <source>Boxes</source>
      <translation>框</translation>
    </message>
    <message>
      <source>&amp;Line width</source>
      <translation>线宽(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Opacity inside</source>
      <translation>框内不透明度(&amp;O)</translation>
    </message>
    <message>
      <source>Attribute &amp;values below captions</source>
      <translation>在描述下方显示属性值(&amp;V)</translation>
    </message>
    <message>
      <source>Close (Esc)</source>
      <translation>关闭 (Esc)</translation>
    </message>
    <message>
      <source>&amp;Reset the picture</source>
      <translation>还原图片(&amp;R)</translation>
    </message>
    <message>
      <source>Brightness, contrast and gamma as they are in the file (Shift+B)</source>
      <translation>亮度、对比度和伽马与文件中一致 (Shift+B)</translation>
    </message>
    <message>
      <source>Picture and boxes</source>
      <translation>图片与框</translation>
    </message>
  </context>
  <context>
    <name>VocabularyCard</name>
    <message>
      <source>Most frequent words</source>
      <translation>最常见的词</translation>
    </message>
    <message>
      <source>Regions by word. Different words: {} among {} (ratio {}).</source>
      <translation>含有各词的区域数。不同的词：{}，总词数：{}（比例 {}）。</translation>
    </message>
  </context>
  <context>
    <name>WelcomePage</name>
    <message>
      <source>RoI Assistant</source>
      <translation>RoI Assistant</translation>
    </message>
    <message>
      <source>Draw a box on a photo and a model on this computer writes its caption and attributes. Your photos are never changed and never leave this computer.</source>
      <translation>在照片上画一个框，本机的模型就会写出它的描述和属性。您的照片绝不会被更改，也绝不会离开这台电脑。</translation>
    </message>
    <message>
      <source>Welcome</source>
      <translation>欢迎</translation>
    </message>
    <message>
      <source>Open a folder of images…</source>
      <translation>打开图像文件夹…</translation>
    </message>
    <message>
      <source>Open a folder of images (Ctrl+O)</source>
      <translation>打开图像文件夹 (Ctrl+O)</translation>
    </message>
    <message>
      <source>Try the sample photos</source>
      <translation>试用示例照片</translation>
    </message>
    <message>
      <source>Open a copy of four photos that come with the program</source>
      <translation>打开随程序提供的四张照片的副本</translation>
    </message>
    <message>
      <source>Or drop a folder or a photo anywhere on this window.</source>
      <translation>也可以将文件夹或照片拖放到此窗口的任意位置。</translation>
    </message>
    <message>
      <source>Recent folders</source>
      <translation>最近的文件夹</translation>
    </message>
    <message>
      <source>Enter opens the folder, Delete takes it off the list</source>
      <translation>Enter 打开文件夹，Delete 将其从列表中移除</translation>
    </message>
    <message>
      <source>How it goes</source>
      <translation>使用方法</translation>
    </message>
    <message>
      <source>1.  Press W and drag to draw a box. The caption appears in the region list.</source>
      <translation>1.  按 W 并拖动来画框。描述会出现在区域列表中。</translation>
    </message>
    <message>
      <source>2.  Enter accepts it, E edits it, 1 to 9 take another suggestion, X rejects it.</source>
      <translation>2.  Enter 接受，E 编辑，1 至 9 采用其他建议，X 拒绝。</translation>
    </message>
    <message>
      <source>3.  Every step is saved at once. File &gt; Export writes COCO region text.</source>
      <translation>3.  每一步都立即保存。“文件 &gt; 导出”写出 COCO 区域文本。</translation>
    </message>
  </context>
  <context>
    <name>Workspace</name>
    <message>
      <source>Images</source>
      <translation>图像</translation>
    </message>
    <message>
      <source>Regions</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Region</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Chat</source>
      <translation>对话</translation>
    </message>
    <message>
      <source>Activity</source>
      <translation>活动</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>工具</translation>
    </message>
    <message>
      <source>Categories</source>
      <translation>类别</translation>
    </message>
  </context>
  <context>
    <name>_BooleanRow</name>
    <message>
      <source>yes</source>
      <translation>是</translation>
    </message>
    <message>
      <source>no</source>
      <translation>否</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>未知</translation>
    </message>
  </context>
  <context>
    <name>_CropDelegate</name>
    <message>
      <source>No picture</source>
      <translation>没有图片</translation>
    </message>
    <message>
      <source>no caption</source>
      <translation>无描述</translation>
    </message>
  </context>
  <context>
    <name>_Head</name>
    <message>
      <source>Region {number}, {state}</source>
      <translation>区域 {number}，{state}</translation>
    </message>
    <message>
      <source>the model is unsure</source>
      <translation>模型没有把握</translation>
    </message>
    <message>
      <source>? unsure</source>
      <translation>? 没有把握</translation>
    </message>
    <message>
      <source>copied from {image}</source>
      <translation>复制自 {image}</translation>
    </message>
  </context>
  <context>
    <name>_MultiRow</name>
    <message>
      <source>Choose values of {attribute}</source>
      <translation>选择 {attribute} 的值</translation>
    </message>
  </context>
  <context>
    <name>_Row</name>
    <message>
      <source>Accept {attribute}: {values}</source>
      <translation>接受 {attribute}：{values}</translation>
    </message>
    <message>
      <source>Not in the list: add {values}?</source>
      <translation>不在列表中：添加 {values}？</translation>
    </message>
    <message>
      <source>{values} is not in the list of {attribute}: add it?</source>
      <translation>{values} 不在 {attribute} 的列表中：要添加吗？</translation>
    </message>
  </context>
</TS>
