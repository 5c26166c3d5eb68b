namespace Amp.FakeCli;

/// <summary>One started process: what it was given, its streams and its record.</summary>
internal sealed class FakeRun
{
    private int _start;

    public FakeRun(FakeSettings settings, CallArguments arguments)
    {
        Settings = settings;
        Arguments = arguments;
        SessionId = settings.SessionId ?? arguments.ThreadId ?? $"T-{Guid.NewGuid():D}";
        Messages = new AgentMessages(SessionId);
        Children = new ChildProcesses(settings.LogFolder ?? Path.GetTempPath());
        Record = new StartRecord(this);
        Input.Ended = Record.Write;
    }

    public FakeSettings Settings { get; }

    public CallArguments Arguments { get; }

    public string SessionId { get; }

    public AgentMessages Messages { get; }

    public StandardInput Input { get; } = new();

    public OutputStream Output { get; } = new(Console.OpenStandardOutput(), 1);

    public OutputStream Error { get; } = new(Console.OpenStandardError(), 2);

    public ChildProcesses Children { get; }

    public StartRecord Record { get; }

    /// <summary>Which start this is of those that share the log folder, from 1 on; counted when first asked for.</summary>
    public int Start => _start == 0 ? _start = CountStart() : _start;

    /// <summary>Completes the record and ends the process at once, whatever its other threads wait for.</summary>
    public int Exit(int exitCode)
    {
        Record.ExitCode = exitCode;
        Record.Write();
        Environment.Exit(exitCode);
        return exitCode;
    }

    /// <summary>Ends the process because its script cannot be carried out.</summary>
    public int Fail(Exception exception)
    {
        Error.WriteText($"Amp.FakeCli: {exception.Message}\n");
        return Exit((exception as FakeStepException)?.ExitCode ?? FakeStepException.WrongUse);
    }

    // Creating a file that must not exist is the one count that two processes cannot both get.
    private int CountStart()
    {
        string folder = Settings.LogFolder ?? throw FakeStepException.Wrong("'if start' needs AMP_FAKE_LOG");
        for (int start = 1; ; start++)
        {
            try
            {
                using FileStream file = new(Path.Combine(folder, $"start-{start}"), FileMode.CreateNew);
                return start;
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, $"start-{start}")))
            {
                continue;
            }
        }
    }
}
