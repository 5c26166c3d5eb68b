using System.Diagnostics;

namespace Amp.FakeCli;

/// <summary>Steps about time, signals, children, the end, and other steps.</summary>
internal sealed class ProcessSteps(FakeRun run, Conversation conversation, StepParser parser)
{
    // Longer than any test waits: what ends by itself was not ended by anybody.
    private const int LongestHang = ChildProcesses.LifetimeSeconds * 1000;
    private const int LongestWait = 480_000;

    /// <summary>Does nothing for as long as no test should run.</summary>
    public static void Hang()
    {
        Thread.Sleep(LongestHang);
        throw new FakeStepException("nobody ended this process", FakeStepException.TimedOut);
    }

    public Action? Parse(string word, string text) => word switch
    {
        "sleep" => Sleep((int)StepParser.Number(text)),
        "hang" => Hang,
        "exit" => Exit((int)StepParser.Number(text)),
        "signal" => Die(text),
        "ignore" => Ignore(text),
        "onsignal" => OnSignal(text),
        "polite" => EndPolitely,
        "spawn" => Spawn(text),
        "mark" => Mark(parser.PathOf(text)),
        "write" => WriteFile(text),
        "remove" => RemoveFile(parser.PathOf(text)),
        "waitfor" => WaitFor(parser.PathOf(text)),
        "repeat" => Repeat(text),
        "if" => If(text),
        _ => null,
    };

    private static Action Sleep(int milliseconds) => () => Thread.Sleep(milliseconds);

    private Action Exit(int exitCode) => () => run.Exit(exitCode);

    private Action Die(string name) => OperatingSystem.IsWindows()
        ? throw FakeStepException.Unsupported($"signal {name}")
        : () =>
        {
            run.Record.Write();
            Signals.Die(name);
        };

    private static Action Ignore(string names) => () =>
    {
        foreach (string name in names.Split(','))
        {
            Signals.Answer(name, static () => { });
        }
    };

    private Action OnSignal(string text)
    {
        (string name, string step) = StepParser.SplitWord(text);
        Action answer = parser.Parse(step);
        return () => Signals.Answer(name, () => DoGuarded(answer));
    }

    // On the thread of a signal nobody else would catch it.
    private void DoGuarded(Action answer)
    {
        try
        {
            answer();
        }
        catch (Exception exception) when (exception is FakeStepException or IOException)
        {
            run.Fail(exception);
        }
    }

    // What the real CLI does on both signals.
    private void EndPolitely()
    {
        foreach (string name in (string[])["INT", "TERM"])
        {
            Signals.Answer(name, () =>
            {
                conversation.Fail("User cancelled (SIGINT/SIGTERM)");
                run.Exit(0);
            });
        }
    }

    private Action Spawn(string text)
    {
        (string kind, string name) = StepParser.SplitWord(text);
        return () =>
        {
            run.Children.Spawn(kind, parser.Expand(name));
            run.Record.Write();
        };
    }

    private static Action Mark(string path) => () => File.Create(path).Dispose();

    // What the agent's tools do to the files of a project.
    private Action WriteFile(string text)
    {
        (string name, string content) = StepParser.SplitWord(text);
        string path = parser.PathOf(name);
        byte[] bytes = StepParser.Unescape(parser.Expand(content));
        return () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        };
    }

    private static Action RemoveFile(string path) => () => File.Delete(path);

    private static Action WaitFor(string path) => () =>
    {
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(path))
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > LongestWait)
            {
                throw new FakeStepException($"{path} did not appear", FakeStepException.TimedOut);
            }

            Thread.Sleep(5);
        }
    };

    private Action Repeat(string text)
    {
        (string count, string inner) = StepParser.SplitWord(text);
        long times = StepParser.Number(count);
        Action step = parser.Parse(inner);
        return () =>
        {
            for (long done = 0; done < times; done++)
            {
                step();
            }
        };
    }

    private Action If(string text)
    {
        (string question, string rest) = StepParser.SplitWord(text);
        (string subject, string inner) = StepParser.SplitWord(rest);
        Action step = parser.Parse(inner);
        Func<bool> holds = question switch
        {
            "start" => () => run.Start == StepParser.Number(subject),
            "exists" => () => File.Exists(parser.PathOf(subject)),
            "missing" => () => !File.Exists(parser.PathOf(subject)),
            "argument" => () => Array.IndexOf(run.Arguments.All, subject) >= 0,
            "noargument" => () => Array.IndexOf(run.Arguments.All, subject) < 0,
            _ => throw FakeStepException.Wrong($"unknown question '{question}'"),
        };
        return () =>
        {
            if (holds())
            {
                step();
            }
        };
    }
}
