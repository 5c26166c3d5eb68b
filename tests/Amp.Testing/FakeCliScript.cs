using System.Globalization;
using System.Text;

namespace Amp.Testing;

/// <summary>Builds what the fake CLI is to do, step by step; tests/Amp.FakeCli/README.md explains the steps.</summary>
public sealed class FakeCliScript
{
    private readonly List<string> _steps = [];
    private readonly Dictionary<string, string?> _settings = [];

    /// <summary>The text of the script.</summary>
    public string Text => string.Concat(_steps.Select(step => step + "\n"));

    /// <summary>The file of the script, once it was written.</summary>
    public string? Path { get; private set; }

    /// <summary>Writes one line to stdout.</summary>
    public FakeCliScript Out(string line) => Add("out", line);

    /// <summary>Writes several lines to stdout.</summary>
    public FakeCliScript Out(params string[] lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (string line in lines)
        {
            Out(line);
        }

        return this;
    }

    /// <summary>Writes text to stdout as it is: no line end is added, those in it are kept.</summary>
    public FakeCliScript Raw(string text) => Add("raw", Escape(text));

    /// <summary>Writes bytes to stdout.</summary>
    public FakeCliScript Bytes(params byte[] bytes) => Add("bytes", Convert.ToHexString(bytes));

    /// <summary>Copies a file to stdout, as fast as it goes.</summary>
    public FakeCliScript File(string path) => Add("file", path);

    /// <summary>Writes that many 'x' to stdout, without a line end.</summary>
    public FakeCliScript Fill(long size) => Add("fill", Number(size));

    /// <summary>Writes one valid assistant message to stdout, with a text of that many 'x'.</summary>
    public FakeCliScript Line(long size) => Add("line", Number(size));

    /// <summary>Writes one line to stderr.</summary>
    public FakeCliScript Error(string line) => Add("err", line);

    /// <summary>Writes text to stderr as it is.</summary>
    public FakeCliScript ErrorRaw(string text) => Add("errraw", Escape(text));

    /// <summary>Writes that many 'x' to stderr, without a line end.</summary>
    public FakeCliScript ErrorFill(long size) => Add("errfill", Number(size));

    /// <summary>Writes the lines of a recorded transcript: a path, or the name of one in tests/transcripts.</summary>
    public FakeCliScript Transcript(string nameOrPath, int delayMilliseconds = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        string path = System.IO.Path.IsPathRooted(nameOrPath)
            ? nameOrPath
            : System.IO.Path.Combine(RepositoryLayout.Transcripts, nameOrPath + ".jsonl");
        return Add("transcript", $"{Number(delayMilliseconds)} {path}");
    }

    /// <summary>Writes an init message with the working directory of the call.</summary>
    public FakeCliScript Init() => Add("init");

    /// <summary>Writes an assistant message that ends a turn.</summary>
    public FakeCliScript Assistant(string text) => Add("assistant", text);

    /// <summary>Writes a successful result.</summary>
    public FakeCliScript Result(string text) => Add("result", text);

    /// <summary>Writes an error result.</summary>
    public FakeCliScript ErrorResult(string error) => Add("error", error);

    /// <summary>Closes stdout while the process lives on.</summary>
    public FakeCliScript CloseStandardOutput() => Add("closestdout");

    /// <summary>Closes stderr while the process lives on.</summary>
    public FakeCliScript CloseStandardError() => Add("closestderr");

    /// <summary>Closes stdin: who writes on gets a broken pipe.</summary>
    public FakeCliScript CloseStandardInput() => Add("closestdin");

    /// <summary>Reads stdin to its end.</summary>
    public FakeCliScript Read() => Add("read");

    /// <summary>Reads one line of stdin.</summary>
    public FakeCliScript ReadLine() => Add("readline");

    /// <summary>Takes no more than that many bytes from stdin.</summary>
    public FakeCliScript ReadBytes(long count) => Add("readbytes", Number(count));

    /// <summary>Reads lines of stdin up to the one that holds the text.</summary>
    public FakeCliScript ReadUntil(string text) => Add("until", text);

    /// <summary>Does a whole run that answers the prompt on stdin with 'Echo: prompt'.</summary>
    public FakeCliScript Echo() => Add("echo");

    /// <summary>Reads one JSON message from stdin and answers it.</summary>
    public FakeCliScript Turn() => Add("turn");

    /// <summary>Answers every JSON message of stdin, then writes the result.</summary>
    public FakeCliScript Turns() => Add("turns");

    /// <summary>Waits.</summary>
    public FakeCliScript Sleep(int milliseconds) => Add("sleep", Number(milliseconds));

    /// <summary>Waits until somebody ends the process.</summary>
    public FakeCliScript Hang() => Add("hang");

    /// <summary>Creates an empty file, for a test to wait for.</summary>
    public FakeCliScript Mark(string path) => Add("mark", path);

    /// <summary>Writes a file, such as one of the project: <c>${CWD}/a.txt</c>.</summary>
    public FakeCliScript Write(string path, string text) => Add("write", $"{path} {Escape(text)}");

    /// <summary>Deletes a file.</summary>
    public FakeCliScript Remove(string path) => Add("remove", path);

    /// <summary>Waits until a file is there.</summary>
    public FakeCliScript WaitFor(string path) => Add("waitfor", path);

    /// <summary>Starts a child that lives on: child, quiet, stubborn, setsid, setsid-quiet, doublefork or doublefork-quiet.</summary>
    public FakeCliScript SpawnChild(string kind = "child", string name = "child") => Add("spawn", $"{kind} {name}");

    /// <summary>Takes no notice of these signals from here on (TERM, INT, HUP, QUIT).</summary>
    public FakeCliScript IgnoreSignals(params string[] signals) => Add("ignore", string.Join(',', signals));

    /// <summary>Does these steps when the signal comes.</summary>
    public FakeCliScript OnSignal(string signal, Action<FakeCliScript> steps) => AddNested($"onsignal {signal}", steps);

    /// <summary>Answers SIGINT and SIGTERM as the real CLI does: with a last result and exit code 0.</summary>
    public FakeCliScript EndPolitely() => Add("polite");

    /// <summary>Does these steps that many times; one step costs one line, several are written out.</summary>
    public FakeCliScript Repeat(int times, Action<FakeCliScript> steps)
    {
        List<string> nested = Nested(steps);
        if (nested.Count == 1)
        {
            _steps.Add($"repeat {Number(times)} {nested[0]}");
            return this;
        }

        for (int done = 0; done < times; done++)
        {
            _steps.AddRange(nested);
        }

        return this;
    }

    /// <summary>Does these steps only in the given start of those that share the log folder, counted from 1.</summary>
    public FakeCliScript OnStart(int number, Action<FakeCliScript> steps) => AddNested($"if start {Number(number)}", steps);

    /// <summary>Does these steps only where the command line holds the argument.</summary>
    public FakeCliScript WithArgument(string argument, Action<FakeCliScript> steps) => AddNested($"if argument {argument}", steps);

    /// <summary>Does these steps only where the command line lacks the argument.</summary>
    public FakeCliScript WithoutArgument(string argument, Action<FakeCliScript> steps) => AddNested($"if noargument {argument}", steps);

    /// <summary>Ends with this exit code.</summary>
    public FakeCliScript Exit(int exitCode) => Add("exit", Number(exitCode));

    /// <summary>Ends by this signal (KILL, TERM, INT, SEGV, ABRT, HUP, QUIT).</summary>
    public FakeCliScript Signal(string signal) => Add("signal", signal);

    /// <summary>What <c>--version</c> prints.</summary>
    public FakeCliScript Version(string text) => Set("AMP_FAKE_VERSION", text);

    /// <summary>The file that <c>--help</c> prints: a path, or the date of a real one such as 2026-01-08.</summary>
    public FakeCliScript Help(string dateOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(dateOrPath);
        return Set("AMP_FAKE_HELP", System.IO.Path.IsPathRooted(dateOrPath)
            ? dateOrPath
            : System.IO.Path.Combine(RepositoryLayout.Root, "tests", "Amp.FakeCli", "help", dateOrPath + ".txt"));
    }

    /// <summary>Options that are answered with 'unknown option'.</summary>
    public FakeCliScript Reject(params string[] options) => Set("AMP_FAKE_REJECT", string.Join(',', options));

    /// <summary>Calls that never end: version, help.</summary>
    public FakeCliScript HangOn(params string[] calls) => Set("AMP_FAKE_HANG", string.Join(',', calls));

    /// <summary>Prints the login prompt instead of a run, and waits.</summary>
    public FakeCliScript AskForLogin() => Set("AMP_FAKE_LOGIN", "1");

    /// <summary>The thread's ID, in place of one made up or taken from <c>threads continue ID</c>.</summary>
    public FakeCliScript Session(string sessionId) => Set("AMP_FAKE_SESSION", sessionId);

    /// <summary>Writes the script into a folder, under a name of its own.</summary>
    public FakeCliScript WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        Path = System.IO.Path.Combine(folder, $"script-{Guid.NewGuid():N}.txt");
        System.IO.File.WriteAllText(Path, Text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return this;
    }

    /// <summary>The variables that make the fake follow this script and record its calls; without steps it echoes.</summary>
    public Dictionary<string, string?> Environment(string logFolder)
    {
        if (_steps.Count > 0 && !System.IO.File.Exists(Path))
        {
            WriteTo(logFolder);
        }

        return new Dictionary<string, string?>(_settings) { ["AMP_FAKE_SCRIPT"] = Path, ["AMP_FAKE_LOG"] = logFolder };
    }

    private static List<string> Nested(Action<FakeCliScript> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        FakeCliScript nested = new();
        steps(nested);
        return nested._steps;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char character in text)
        {
            _ = character switch
            {
                '\\' => escaped.Append(@"\\"),
                '\n' => escaped.Append(@"\n"),
                '\r' => escaped.Append(@"\r"),
                '\t' => escaped.Append(@"\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $@"\x{(int)character:X2}"),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }

    private FakeCliScript Add(string step, string text = "")
    {
        if (text.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            throw new ArgumentException($"A step is one line; use Raw for text with line ends: {text}", nameof(text));
        }

        _steps.Add(text.Length == 0 ? step : $"{step} {text}");
        return this;
    }

    private FakeCliScript AddNested(string prefix, Action<FakeCliScript> steps)
    {
        _steps.AddRange(Nested(steps).Select(step => $"{prefix} {step}"));
        return this;
    }

    private FakeCliScript Set(string variable, string value)
    {
        _settings[variable] = value;
        return this;
    }
}
