namespace Amp.FakeCli;

/// <summary>Steps that read stdin.</summary>
internal sealed class InputSteps(FakeRun run, Conversation conversation, StepParser parser)
{
    public Action? Parse(string word, string text) => word switch
    {
        "read" => run.Input.ReadToEnd,
        "readline" => () => run.Input.ReadLine(),
        "readbytes" => ReadBytes(StepParser.Number(text)),
        "closestdin" => run.Input.Close,
        "echo" => conversation.Echo,
        "turn" => () => conversation.AnswerNext(),
        "turns" => conversation.AnswerAll,
        "until" => Until(text),
        _ => null,
    };

    private Action ReadBytes(long count) => () => run.Input.ReadBytes(count);

    // Ends at the line that holds the text, so that a script can wait for what its caller says.
    private Action Until(string text)
    {
        string expanded = parser.Expand(text);
        return () =>
        {
            while (run.Input.ReadLine() is { } line && !line.Contains(expanded, StringComparison.Ordinal))
            {
            }
        };
    }
}
