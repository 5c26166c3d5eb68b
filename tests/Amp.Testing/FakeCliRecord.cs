using System.Text.Json;

namespace Amp.Testing;

/// <summary>What one started fake CLI was given, as it recorded it.</summary>
public sealed class FakeCliRecord
{
    private FakeCliRecord(JsonElement root, DateTime writtenAt)
    {
        Kind = root.GetProperty("kind").GetString()!;
        Program = root.GetProperty("program").GetString()!;
        Arguments = Strings(root, "arguments");
        CommandLine = Strings(root, "commandLine");
        WorkingDirectory = root.GetProperty("workingDirectory").GetString()!;
        SessionId = root.GetProperty("sessionId").GetString()!;
        ProcessId = root.GetProperty("processId").GetInt32();
        ParentProcessId = Number(root, "parentProcessId");
        ProcessGroupId = Number(root, "processGroupId");
        SystemSessionId = Number(root, "systemSessionId");
        ExitCode = Number(root, "exitCode");
        Children = [.. root.GetProperty("children").EnumerateArray().Select(FakeCliChild.Read)];
        StandardInput = FakeCliInput.Read(root.GetProperty("standardInput"));
        Files = [.. root.GetProperty("files").EnumerateArray().Select(FakeCliFile.Read)];
        Environment = root.GetProperty("environment").EnumerateObject()
            .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!, StringComparer.Ordinal);
        WrittenAt = writtenAt;
    }

    /// <summary>Version, Help, Run or Command (such as <c>threads list</c>).</summary>
    public string Kind { get; }

    /// <summary>The file of the fake's program.</summary>
    public string Program { get; }

    /// <summary>The arguments, without the program.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>What every user of a Linux machine can read of the command line; empty elsewhere.</summary>
    public IReadOnlyList<string> CommandLine { get; }

    /// <summary>The working directory.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The thread's ID the fake used.</summary>
    public string SessionId { get; }

    /// <summary>The process.</summary>
    public int ProcessId { get; }

    /// <summary>The process that started it; 0 on Windows.</summary>
    public int ParentProcessId { get; }

    /// <summary>Its process group; 0 on Windows.</summary>
    public int ProcessGroupId { get; }

    /// <summary>The system's session it belongs to (not the thread); 0 on Windows.</summary>
    public int SystemSessionId { get; }

    /// <summary>The exit code it chose; 0 also for a process that was ended by a signal or still runs.</summary>
    public int ExitCode { get; }

    /// <summary>The processes it started.</summary>
    public IReadOnlyList<FakeCliChild> Children { get; }

    /// <summary>The ids of the processes it started.</summary>
    public IReadOnlyList<int> ChildProcessIds => [.. Children.Select(child => child.ProcessId)];

    /// <summary>What it read from stdin.</summary>
    public FakeCliInput StandardInput { get; }

    /// <summary>Whether it read stdin up to its end.</summary>
    public bool ReachedEndOfInput => StandardInput.ReachedEnd;

    /// <summary>The files named by <c>--settings-file</c>, <c>--mcp-config</c> and <c>AMP_SETTINGS_FILE</c>, as they were at first.</summary>
    public IReadOnlyList<FakeCliFile> Files { get; }

    /// <summary>The variables it was started with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>When this state of the record was written.</summary>
    public DateTime WrittenAt { get; }

    /// <summary>Every call recorded in the folder so far, in no order; none where the folder is not there yet.</summary>
    public static IReadOnlyList<FakeCliRecord> ReadAll(string logFolder)
    {
        if (!Directory.Exists(logFolder))
        {
            return [];
        }

        List<FakeCliRecord> records = [];
        foreach (string path in Directory.EnumerateFiles(logFolder, "*.json"))
        {
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            records.Add(new FakeCliRecord(document.RootElement, System.IO.File.GetLastWriteTimeUtc(path)));
        }

        return records;
    }

    /// <summary>The one agent run recorded in the folder, version and help calls aside.</summary>
    public static FakeCliRecord ReadRun(string logFolder) => ReadAll(logFolder).Single(record => record.Kind == "Run");

    /// <summary>The recorded file that was named by this option or variable.</summary>
    public FakeCliFile File(string source) => Files.Single(file => file.Source == source);

    private static int Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 0;

    private static string[] Strings(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement values)
        ? [.. values.EnumerateArray().Select(value => value.GetString()!)]
        : [];
}
