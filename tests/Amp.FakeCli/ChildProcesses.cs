using System.Diagnostics;
using System.Globalization;

namespace Amp.FakeCli;

/// <summary>Starts processes that outlive the fake, but not for ever.</summary>
/// <param name="reportFolder">
/// Where a child says that it is ready. A fake that is killed in between leaves that file: it must not be among what a run may not leave.
/// </param>
internal sealed class ChildProcesses(string reportFolder)
{
    public const string SleeperArgument = "--amp-fake-sleeper";

    /// <summary>
    /// A child ends by itself after this time, so that a failed test leaves nothing for ever. No test waits so long: a child that is gone was ended.
    /// </summary>
    public const int LifetimeSeconds = 2400;

    private readonly List<ChildProcess> _started = [];

    public ChildProcess[] Started
    {
        get
        {
            lock (_started)
            {
                return [.. _started];
            }
        }
    }

    public void Spawn(string kind, string name)
    {
        int processId = OperatingSystem.IsWindows() ? SpawnSelf(kind, name) : SpawnByShell(kind, name);
        lock (_started)
        {
            _started.Add(new ChildProcess(processId, kind, name));
        }
    }

    private int SpawnByShell(string kind, string name)
    {
        // The child itself says that it is ready: until then it would be a shell that still dies by what it should ignore.
        string report = Path.Combine(reportFolder, $"amp-fake-child-{Guid.NewGuid():N}");
        string streams = kind.EndsWith("quiet", StringComparison.Ordinal) ? "exec </dev/null >/dev/null 2>&1" : "exec </dev/null";
        string trap = kind == "stubborn" ? "trap '' TERM INT HUP; " : "";
        string child = $"{trap}{streams}; echo $$ >'{report}'; exec sleep {LifetimeSeconds}";
        try
        {
            switch (kind)
            {
                case "child" or "quiet" or "stubborn":
                    StartShell(name, child).Dispose();
                    break;
                case "doublefork" or "doublefork-quiet":
                    StartOrphan(name, """/bin/sh -c "$1" &""", child);
                    break;
                case "setsid" or "setsid-quiet" when HasSetsid():
                    StartOrphan(name, """setsid /bin/sh -c "$1" &""", child);
                    break;
                case "setsid" or "setsid-quiet":
                    throw FakeStepException.Unsupported($"spawn {kind}");
                default:
                    throw FakeStepException.Wrong($"unknown kind of child '{kind}'");
            }

            return WaitForReport(report);
        }
        finally
        {
            File.Delete(report);
        }
    }

    // The shell ends at once, so its background process belongs to nobody whose children are looked for.
    private static void StartOrphan(string name, string command, string child)
    {
        using Process shell = StartShell(name, command, "sh", child);
        shell.WaitForExit();
    }

    private static Process StartShell(string name, string command, params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/sh") { ArgumentList = { "-c", command } };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["AMP_FAKE_CHILD"] = name;
        return Process.Start(start)!;
    }

    private static int WaitForReport(string report)
    {
        for (int attempt = 0; attempt < 10_000; attempt++)
        {
            string text = File.Exists(report) ? File.ReadAllText(report) : "";
            if (text.EndsWith('\n'))
            {
                return int.Parse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            }

            Thread.Sleep(1);
        }

        throw new FakeStepException("a child did not start", FakeStepException.TimedOut);
    }

    private static int SpawnSelf(string kind, string name)
    {
        if (kind is not ("child" or "quiet"))
        {
            throw FakeStepException.Unsupported($"spawn {kind}");
        }

        bool isQuiet = kind == "quiet";
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            ArgumentList = { SleeperArgument },
            RedirectStandardInput = true,
            RedirectStandardOutput = isQuiet,
            RedirectStandardError = isQuiet,
        };
        start.Environment["AMP_FAKE_CHILD"] = name;
        using Process process = Process.Start(start)!;
        return process.Id;
    }

    private static bool HasSetsid()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (File.Exists(Path.Combine(folder, "setsid")))
            {
                return true;
            }
        }

        return false;
    }
}
