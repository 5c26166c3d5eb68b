using System.Globalization;
using System.Text;

namespace Amp.FakeCli;

/// <summary>Turns lines of a script into what they do. The words are explained in README.md.</summary>
internal sealed class StepParser
{
    private readonly FakeRun _run;
    private readonly string _folder;
    private readonly OutputSteps _output;
    private readonly InputSteps _input;
    private readonly ProcessSteps _process;

    public StepParser(FakeRun run, string folder)
    {
        _run = run;
        _folder = folder;
        Conversation conversation = new(run);
        _output = new OutputSteps(run, conversation, this);
        _input = new InputSteps(run, conversation, this);
        _process = new ProcessSteps(run, conversation, this);
    }

    public List<Action> ParseFile(string path)
    {
        List<Action> steps = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string trimmed = line.TrimStart();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            try
            {
                steps.Add(Parse(trimmed));
            }
            catch (FakeStepException exception)
            {
                throw new FakeStepException($"{path}, line {number}: {exception.Message}", exception.ExitCode);
            }
        }

        return steps;
    }

    /// <summary>Reads one step: a word and, after one space, its text.</summary>
    public Action Parse(string line)
    {
        (string word, string text) = SplitWord(line);
        return _output.Parse(word, text) ?? _input.Parse(word, text) ?? _process.Parse(word, text)
            ?? throw FakeStepException.Wrong($"unknown step '{word}'");
    }

    public static (string Word, string Remainder) SplitWord(string text)
    {
        int space = text.IndexOf(' ');
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..]);
    }

    /// <summary>A path of the script, which is relative to the script and not to the folder the call was made in.</summary>
    public string PathOf(string text) => text.Length == 0
        ? throw FakeStepException.Wrong("a path is missing")
        : Path.GetFullPath(Expand(text), _folder);

    /// <summary>Puts the values of variables in their places.</summary>
    public string Expand(string text) => !text.Contains("${", StringComparison.Ordinal)
        ? text
        : text.Replace("${SESSION}", _run.SessionId, StringComparison.Ordinal)
            .Replace("${PID}", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("${CWD}", Environment.CurrentDirectory, StringComparison.Ordinal);

    /// <summary>A count or size: digits, with K or M behind them for 1024 and 1024 * 1024.</summary>
    public static long Number(string text)
    {
        long unit = text.Length == 0 ? 1 : text[^1] switch { 'K' => 1024, 'M' => 1024 * 1024, _ => 1 };
        string digits = unit == 1 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number * unit
            : throw FakeStepException.Wrong($"'{text}' is no number");
    }

    /// <summary>Bytes of text with \n, \r, \t, \\ and \xNN in it; \xNN is a byte, not a character.</summary>
    public static byte[] Unescape(string text)
    {
        using MemoryStream bytes = new();
        int plain = 0;
        for (int index = text.IndexOf('\\'); index >= 0; index = text.IndexOf('\\', plain))
        {
            bytes.Write(Encoding.UTF8.GetBytes(text[plain..index]));
            char kind = index + 1 < text.Length ? text[index + 1] : '\0';
            plain = index + (kind == 'x' ? 4 : 2);
            bytes.WriteByte(kind switch
            {
                'n' => (byte)'\n',
                'r' => (byte)'\r',
                't' => (byte)'\t',
                '\\' => (byte)'\\',
                'x' when plain <= text.Length => FromHex(text.Substring(index + 2, 2))[0],
                _ => throw FakeStepException.Wrong($"unknown escape in '{text}'"),
            });
        }

        bytes.Write(Encoding.UTF8.GetBytes(text[plain..]));
        return bytes.ToArray();
    }

    public static byte[] FromHex(string text)
    {
        try
        {
            return Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
        }
        catch (FormatException)
        {
            throw FakeStepException.Wrong($"'{text}' is not hexadecimal");
        }
    }
}
