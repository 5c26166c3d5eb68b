using System.Text;
using System.Text.Json;

namespace Amp.FakeCli;

/// <summary>The agent of the fake: it answers a prompt with an echo of it.</summary>
internal sealed class Conversation(FakeRun run)
{
    private int _line;
    private int _turns;
    private string _lastAnswer = "";

    /// <summary>One whole call: the prompt from stdin or the command line, the answer, the result.</summary>
    public void Echo()
    {
        if (run.Arguments.Has("--stream-json-input"))
        {
            Init();
            AnswerAll();
            return;
        }

        string prompt = (run.Arguments.Message ?? "") + run.Input.ReadText();
        if (!run.Arguments.Has("--stream-json") && !run.Arguments.Has("--stream-json-thinking") && run.Arguments.Has("--execute"))
        {
            run.Output.WriteText($"Echo: {prompt}\n");
            return;
        }

        Init();
        Answer(prompt);
        Result(_lastAnswer);
    }

    public void Init() => run.Output.Write(run.Messages.Init());

    public void User(string text) => run.Output.Write(run.Messages.User(text));

    public void Assistant(string text)
    {
        _turns++;
        _lastAnswer = text;
        run.Output.Write(run.Messages.Assistant(text));
    }

    public void Result(string text) => run.Output.Write(run.Messages.Result(text, _turns));

    public void Fail(string error) => run.Output.Write(run.Messages.ErrorResult(error, _turns));

    /// <summary>Reads one message from stdin and answers it; false at the end of the input.</summary>
    public bool AnswerNext()
    {
        string? line;
        do
        {
            line = run.Input.ReadLine();
            _line++;
        }
        while (line is not null && string.IsNullOrWhiteSpace(line));

        if (line is null)
        {
            return false;
        }

        Answer(TextOf(line));
        return true;
    }

    /// <summary>Answers every message of stdin and writes the one result that follows the last.</summary>
    public void AnswerAll()
    {
        while (AnswerNext())
        {
        }

        Result(_lastAnswer);
    }

    private void Answer(string prompt)
    {
        User(prompt);
        Assistant($"Echo: {prompt}");
    }

    private string TextOf(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            StringBuilder text = new();
            JsonElement content = document.RootElement.GetProperty("message").GetProperty("content");
            if (content.ValueKind == JsonValueKind.String)
            {
                return content.GetString()!;
            }

            foreach (JsonElement block in content.EnumerateArray())
            {
                if (block.TryGetProperty("text", out JsonElement part))
                {
                    text.Append(part.GetString());
                }
            }

            return text.ToString();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // As the real CLI ends such a run: an error result, and exit code 0 all the same.
            Fail($"Invalid JSON on stdin line {_line}: {exception.Message}");
            run.Exit(0);
            return "";
        }
    }
}
