using Amp.Testing;

namespace Amp.Soak;

/// <summary>Folders of the soak's own: whatever is left in the temporary one is what the runs have left.</summary>
internal sealed class SoakPlace : IDisposable
{
    /// <summary>The variable by which every process of the soak is known, whatever it has left.</summary>
    public const string Mark = "AMP_SOAK_PLACE";

    private readonly PrivateHome _home = new();

    public SoakPlace()
    {
        Cli = Path.Combine(_home.Root, "amp");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "amp.sh"), Cli);
        File.Copy(Path.Combine(RepositoryLayout.Root, "tests", "Amp.FakeCli", "help", "2026-03-24.txt"), Path.Combine(_home.Root, "help.txt"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Cli, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Temporary = Directory.CreateDirectory(Path.Combine(_home.Root, "temp")).FullName;
        System.Environment.SetEnvironmentVariable("TMPDIR", Temporary);
        Environment = _home.Environment();
        Environment[Mark] = _home.Root;
    }

    public string Cli { get; }

    public string Project => _home.Project;

    public string Temporary { get; }

    public Dictionary<string, string?> Environment { get; }

    /// <summary>The processes that the runs have left running.</summary>
    public IReadOnlyList<int> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out int id) ? id : 0)
            .Where(id => id > 0 && IsMarked(id) && ProcessProbe.IsRunning(id)),
    ];

    public void Dispose() => _home.Dispose();

    private bool IsMarked(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/environ").Split('\0').Contains($"{Mark}={_home.Root}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
