"""The help texts of `touchstone-eval` in Chinese, by their English text."""

HELP_ZH = {
    # what several commands have
    "One JSON object on standard output.": "在标准输出上给出一个 JSON 对象。",
    "zh or en.": "zh 或 en。",
    "Task pack: name or folder.": "任务包：名称或文件夹。",
    "Submission folder, or its ZIP.": "提交的文件夹，或它的 ZIP。",
    "Folder of the test set.": "测试集的文件夹。",
    "The frozen set.": "冻结的测试集。",
    "Cases at a time.": "同时处理的病例数。",
    "bwrap, floor, podman or none; the strictest without.": "bwrap、floor、podman 或 none；不写则用最严的。",
    "Write the PDF as well as the page.": "除网页外也写出 PDF。",
    "Ed25519 private key.": "Ed25519 私钥。",
    # claim
    "Judge every claim of a file, or restate a finished evaluation; print what may be printed. Exit 1 when one is refused.":
        "判断文件中的每个声称，或转述一次完成的评测；打印可以打印的。有一个被拒绝时退出码为 1。",
    "Claims (YAML); see docs/plan-and-claim.md.": "声称（YAML）；见 docs/plan-and-claim.zh.md。",
    "Score folder: write what it found as a claim.": "评分文件夹：把其结果写成声称。",
    "With --restate: which estimate.": "与 --restate 同用：哪个估计。",
    "With --restate: its name in the claim.": "与 --restate 同用：它在声称中的名称。",
    "With --restate: CSV of the site's exam_end, result_available.": "与 --restate 同用：机构的 CSV，含 exam_end、result_available。",
    "With --stamps: the limit in minutes.": "与 --stamps 同用：时限（分钟）。",
    # conformance
    "Run reference cases through the metric code and compare with their expected values. Exit 1 when one differs.":
        "用公开的参考用例检验指标代码，与期望值比较。有一个不同时退出码为 1。",
    "Folders with inputs and expected.json.": "含输入与 expected.json 的文件夹。",
    "Task of the cases; overrides what they say.": "用例的任务；优先于用例自己所写。",
    # kit
    "Write the contract, three cases, a model that works and what it answers. Says so when the answers are not the golden ones.":
        "写出约定、三个样例、一个能运行的模型及其答案。答案与标准答案不同时会说明。",
    "An empty or new folder.": "空的或新的文件夹。",
    # plan
    "The locked protocol: what is tested, against what, on which set.": "锁定的方案：检验什么、以什么为准、在哪个测试集上。",
    "Write the task's default protocol for one set, ready to be edited.": "为一个测试集写出任务的默认方案，可再修改。",
    "Draft to write (YAML).": "要写出的草稿（YAML）。",
    "Task pack by name or folder; else the set's own.": "任务包名称或文件夹；不写则用测试集自己的。",
    "Submission folder: its digest, device and thresholds.": "提交的文件夹：取其摘要、产品与阈值。",
    "Score of a practice run: thresholds by the task's rule.": "演练的评分：按任务的规则得出阈值。",
    "Contradictions, missing reasons, sample size computed again. Exit 1 when something needs a person.":
        "查矛盾、缺少的理由，重新计算样本量。有事需要人处理时退出码为 1。",
    "Draft or locked plan.": "草稿或已锁定的方案。",
    "Task pack by name or folder; else the plan's own.": "任务包名称或文件夹；不写则用方案自己的。",
    "Write the computed sample sizes into the draft.": "把算得的样本量写进草稿。",
    "Sign the protocol; it is locked once vendor and platform have signed. Errors of `check` stop it.":
        "签署方案；企业与平台都签署后即锁定。`check` 的错误会阻止签署。",
    "Draft, or a plan that the other role has signed.": "草稿，或另一方已签署的方案。",
    "vendor or platform.": "vendor（企业）或 platform（平台）。",
    "Locked plan; default: PLAN with .locked.json.": "锁定的方案；默认：PLAN 加 .locked.json。",
    "Task pack by name or folder; else the plan's own, where it ships.": "任务包名称或文件夹；不写则用方案自己的（随程序提供的）。",
    # rehearse, run
    "Practice set, run, score, report (UNOFFICIAL). Run again = continue. Exit code 1 when a case failed.":
        "演练集、运行、评分、报告（标为 UNOFFICIAL 非正式）。再运行即继续。有病例失败时退出码为 1。",
    "Folder of the rehearsal.": "演练的文件夹。",
    "Size of the practice set.": "演练集的例数。",
    "Seed of the practice set.": "演练集的种子。",
    "Predict every case. Exit code 1 when a case failed or the run was stopped.": "预测每个病例。有病例失败或运行被停止时退出码为 1。",
    "Folder of the run.": "运行的文件夹。",
    "The plan; without it the task's default (practice sets only).": "方案；不写则用任务的默认方案（仅限演练集）。",
    "Task pack name or folder, where it is not the set's.": "任务包名称或文件夹，与测试集所写不同时用。",
    "local or ray.": "local（本机）或 ray（集群）。",
    "Ray cluster; without it one on this machine.": "Ray 集群的地址；不写则在本机起一个。",
    # score, report
    "Score a run, or a predictions file on a practice set. Same stored results, same bytes. Exit 1 when no case has a valid answer.":
        "为一次运行评分，或为演练集上的预测文件评分。同样的结果，同样的字节。没有一例有可用的答案时退出码为 1。",
    "Folder to write.": "要写出的文件夹。",
    "Folder that `run` wrote.": "`run` 写出的文件夹。",
    "JSON Lines {token, output}; practice sets only.": "JSON 行 {token, output}；仅限演练集。",
    "The plan of the run; default: the task's own (practice sets).": "运行的方案；默认：任务自己的（演练集）。",
    "Sealed reference standard (folder or file).": "封存的参考标准（文件夹或文件）。",
    "Its key; default: reference.key beside it.": "其密钥；默认：旁边的 reference.key。",
    "Audit heads (JSON) of a sealed set's run.": "封存集运行时的审计链头（JSON）。",
    "Another score of the same set, for paired differences.": "同一测试集的另一次评分，用于配对差值。",
    "Folder of a task pack that does not ship.": "不随程序提供的任务包的文件夹。",
    "Write an edition. The regulator edition holds, byte for byte, the vendor edition that the same options write.":
        "写出一个版本。审评版逐字节包含同样选项写出的企业版。",
    "What `score` wrote.": "`score` 写出的文件夹。",
    "vendor or regulator.": "vendor（企业版）或 regulator（审评版）。",
    "The ZIP to write.": "要写出的 ZIP。",
    "Ed25519 private key that signs; without it one is made in DIR.": "用于签名的 Ed25519 私钥；不写则在 DIR 中生成一个。",
    "X25519 public key the sealed tables are for.": "审评方的 X25519 公钥，密封表格只为它加密。",
    "RFC 3161 response over manifest.json.": "对 manifest.json 的 RFC 3161 时间戳回执。",
    # sandbox, set, tasks
    "Probe the isolation available here. Exit code 1 when no backend may open a sealed set.":
        "逐项检验本机的隔离能力。没有一种可以打开封存集时退出码为 1。",
    "bwrap, floor, podman or none; all without.": "bwrap、floor、podman 或 none；不写则全部检验。",
    "Check every byte. Exit code 1 when something differs or the signer was not checked.":
        "核对每个字节。有不同或没有核对签名者时退出码为 1。",
    "Raw or hexadecimal Ed25519 public key that must have signed.": "必须是签名者的 Ed25519 公钥（原始字节或十六进制）。",
    "List the task packs, or show one.": "列出任务包，或显示其中一个。",
    "One task (name or folder) in full.": "一个任务（名称或文件夹）的全部内容。",
    # verify
    "Per number MATCH, DIFFERS or COMMITTED. Exit 1 when something differs, is damaged, or the signer was not checked.":
        "每个数字 MATCH（一致）、DIFFERS（不同）或 COMMITTED（已封存）。有不同、有损坏或没有核对签名者时退出码为 1。",
    "Vendor or regulator edition.": "企业版或审评版。",
    "The platform's public key (64 hexadecimal characters).": "平台的公钥（64 个十六进制字符）。",
    "The other edition: shows that both belong together.": "另一个版本：证明两者属于同一次评测。",
    "blobs.tar with masks by digest.": "blobs.tar，按摘要存放的掩膜。",
    "The regulator's private key, which opens the sealed tables.": "审评方的私钥，用来打开密封表格。",
    "Folder of a task pack that brings its own measure function.": "自带测量函数的任务包的文件夹。",
    "Make the regulator's key pair instead: FILE and FILE.pub.": "改为生成审评方的密钥对：FILE 与 FILE.pub。",
    "Folder for the opened members, the full report among them.": "存放打开后各文件的文件夹，含完整报告。",
    "Which version this is, and which formats it reads.": "这是哪个版本，读取哪些格式。",
}
