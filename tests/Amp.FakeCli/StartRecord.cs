using System.Collections;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amp.FakeCli;

/// <summary>The JSON file that says how this process was started and what it was given.</summary>
internal sealed class StartRecord
{
    private readonly object _gate = new();
    private readonly FakeRun _run;
    private readonly string? _path;
    private readonly string _workingDirectory = Environment.CurrentDirectory;
    private readonly int? _parentProcessId = NativeMethods.ParentProcessId;
    private readonly List<RecordedFile> _files = [];

    public StartRecord(FakeRun run)
    {
        _run = run;
        if (run.Settings.LogFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            _path = Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}.json");
            ReadFiles();
        }
    }

    public int? ExitCode { get; set; }

    /// <summary>Puts the record in place of its earlier state in one move, so that no reader sees half of it.</summary>
    public void Write()
    {
        if (_path is null)
        {
            return;
        }

        lock (_gate)
        {
            string unfinished = _path + ".part";
            using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write))
            using (Utf8JsonWriter writer = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                WriteTo(writer);
            }

            MoveIntoPlace(unfinished, _path);
        }
    }

    private static void MoveIntoPlace(string from, string to)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(from, to, overwrite: true);
                return;
            }
            catch (Exception exception) when (attempt < 50 && exception is IOException or UnauthorizedAccessException)
            {
                // Windows refuses to replace a file while a test reads it.
                Thread.Sleep(10);
            }
        }
    }

    private void ReadFiles()
    {
        // Now and not at the end: the caller deletes them as soon as it sees the run ended.
        Add("--settings-file", _run.Arguments.SettingsFile);
        Add("--mcp-config", _run.Arguments.McpConfiguration);
        Add("AMP_SETTINGS_FILE", Environment.GetEnvironmentVariable("AMP_SETTINGS_FILE"));
    }

    private void Add(string source, string? path)
    {
        if (!string.IsNullOrEmpty(path) && !path.StartsWith('{') && RecordedFile.Read(source, path) is { } file)
        {
            _files.Add(file);
        }
    }

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", _run.Arguments.Kind.ToString());
        writer.WriteString("program", Environment.ProcessPath);
        WriteStrings(writer, "arguments", _run.Arguments.All);
        writer.WriteString("workingDirectory", _workingDirectory);
        writer.WriteString("sessionId", _run.SessionId);
        WriteProcess(writer);
        WriteChildren(writer);
        WriteInput(writer);
        WriteFiles(writer);
        WriteEnvironment(writer);
        writer.WriteEndObject();
    }

    private void WriteProcess(Utf8JsonWriter writer)
    {
        writer.WriteNumber("processId", Environment.ProcessId);
        WriteNumber(writer, "parentProcessId", _parentProcessId);
        WriteNumber(writer, "processGroupId", NativeMethods.ProcessGroupId);
        WriteNumber(writer, "systemSessionId", NativeMethods.SessionId);
        WriteNumber(writer, "exitCode", ExitCode);
        if (OperatingSystem.IsLinux())
        {
            string commandLine = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline"));
            WriteStrings(writer, "commandLine", commandLine.TrimEnd('\0').Split('\0'));
        }
    }

    private void WriteChildren(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("children");
        foreach (ChildProcess child in _run.Children.Started)
        {
            writer.WriteStartObject();
            writer.WriteNumber("processId", child.ProcessId);
            writer.WriteString("kind", child.Kind);
            writer.WriteString("name", child.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteInput(Utf8JsonWriter writer)
    {
        StandardInput input = _run.Input;
        writer.WriteStartObject("standardInput");
        writer.WriteNumber("byteCount", input.ByteCount);
        writer.WriteBoolean("reachedEnd", input.ReachedEnd);

        // The hash of nothing would load the whole cryptography library at every start.
        if (input.ByteCount > 0)
        {
            writer.WriteString("sha256", input.Sha256);
            writer.WriteString("firstBytes", input.FirstBytes);
        }

        writer.WriteString("text", input.Text);
        writer.WriteEndObject();
    }

    private void WriteFiles(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("files");
        foreach (RecordedFile file in _files)
        {
            file.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteEnvironment(Utf8JsonWriter writer)
    {
        List<KeyValuePair<string, string>> variables = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add(new((string)variable.Key, (string?)variable.Value ?? ""));
        }

        variables.Sort(static (one, other) => string.CompareOrdinal(one.Key, other.Key));
        writer.WriteStartObject("environment");
        foreach (KeyValuePair<string, string> variable in variables)
        {
            writer.WriteString(variable.Key, variable.Value);
        }

        writer.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, string[] values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, int? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
