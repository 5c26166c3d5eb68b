using System.Text;

namespace Amp.FakeCli;

/// <summary>Steps that write to stdout or stderr.</summary>
internal sealed class OutputSteps(FakeRun run, Conversation conversation, StepParser parser)
{
    public Action? Parse(string word, string text) => word switch
    {
        "out" => Write(run.Output, Line(text)),
        "raw" => Write(run.Output, StepParser.Unescape(parser.Expand(text))),
        "bytes" => Write(run.Output, StepParser.FromHex(text)),
        "err" => Write(run.Error, Line(text)),
        "errraw" => Write(run.Error, StepParser.Unescape(parser.Expand(text))),
        "fill" => Fill(text),
        "errfill" => Fill($"{text} stderr"),
        "line" => FilledLine(StepParser.Number(text)),
        "file" => CopyFile(parser.PathOf(text)),
        "transcript" => Transcript(text),
        "init" => conversation.Init,
        "user" => WithText(text, conversation.User),
        "assistant" => WithText(text, conversation.Assistant),
        "result" => WithText(text, conversation.Result),
        "error" => WithText(text, conversation.Fail),
        "closestdout" => run.Output.Close,
        "closestderr" => run.Error.Close,
        _ => null,
    };

    private static Action Write(OutputStream stream, byte[] bytes) => () => stream.Write(bytes);

    private byte[] Line(string text) => Encoding.UTF8.GetBytes(parser.Expand(text) + "\n");

    private Action WithText(string text, Action<string> write)
    {
        string expanded = parser.Expand(text);
        return () => write(expanded);
    }

    private Action Fill(string text)
    {
        (string size, string target) = StepParser.SplitWord(text);
        long count = StepParser.Number(size);
        OutputStream stream = target switch
        {
            "" or "stdout" => run.Output,
            "stderr" => run.Error,
            _ => throw FakeStepException.Wrong($"'{target}' is neither stdout nor stderr"),
        };
        return () => stream.WriteFilled([], count, []);
    }

    // The 'x' go between the two halves of a line that holds one mark, so that no line of that size is ever built.
    private Action FilledLine(long count)
    {
        const string Mark = "<x>";
        byte[] line = run.Messages.Assistant(Mark);
        int position = line.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark));
        return () => run.Output.WriteFilled(line.AsSpan(0, position), count, line.AsSpan(position + Mark.Length));
    }

    private Action CopyFile(string path) => () => run.Output.CopyFrom(path);

    private Action Transcript(string text)
    {
        (string first, string rest) = StepParser.SplitWord(text);
        bool hasDelay = int.TryParse(first, out int delay) && rest.Length > 0;
        string path = parser.PathOf(hasDelay ? rest : text);
        return () =>
        {
            foreach (string line in File.ReadLines(path))
            {
                run.Output.WriteText(line + "\n");
                Thread.Sleep(hasDelay ? delay : 0);
            }
        };
    }
}
