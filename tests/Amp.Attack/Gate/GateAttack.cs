using System.Diagnostics;
using System.Globalization;
using Amp.Testing;

namespace Amp.Attack.Gate;

/// <summary>Attacks the gate in a PowerShell of its own, and looks after it whether something has outlived it.</summary>
internal static class GateAttack
{
    /// <summary>Attacks; the counts in a line.</summary>
    /// <exception cref="AttackFailureException">Something happened that must not.</exception>
    public static string Run(string powerShell, int seed, int first, int count, int runOneIn)
    {
        using AttackPlace place = new();
        Plant(place);
        string shells = FolderPrint.Of(Path.GetDirectoryName(powerShell)!);
        using Process process = Start(powerShell, place, seed, first, count, runOneIn);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();

        // Before the counts stands what commands have shown (What if:).
        string output = process.StandardOutput.ReadToEnd().Trim().Split('\n')[^1];
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(errors.Result.Trim());
        }

        string[] left = [.. Directory.EnumerateFileSystemEntries(place.Temporary)];
        int[] alive = [.. ProcessesOf(place)];
        string? fault = left.Length > 0 ? $"Files were left: {string.Join(", ", left)}."
            : alive.Length > 0 ? $"Processes have outlived the session: {string.Join(", ", alive)}."
            : FolderPrint.Of(Path.GetDirectoryName(powerShell)!) != shells ? "The folder of PowerShell was changed."
            : null;
        return fault is null ? output : throw new AttackFailureException("gate", seed, first, fault, output);
    }

    private static void Plant(AttackPlace place)
    {
        const string Evil = "[Amp.Attack.Gate.Canaries]::Reach('a file of the project')\n'evil content'\n";
        File.WriteAllText(Path.Combine(place.Project, "Evil.ps1"), Evil);
        foreach (string folder in (string[])[place.Project, place.Outside])
        {
            File.WriteAllText(Path.Combine(folder, "Evil.psm1"), Evil + "function Add-Evil { [Amp.Attack.Gate.Canaries]::Reach('Add-Evil') }\n");
            File.WriteAllText(Path.Combine(folder, "keep.txt"), "keep");
        }
    }

    private static Process Start(string powerShell, AttackPlace place, int seed, int first, int count, int runOneIn)
    {
        string[] arguments =
        [
            "-NoLogo", "-NoProfile", "-NonInteractive", "-Command",
            "$ErrorActionPreference = 'Stop'; Import-Module $env:AMP_ATTACK_MODULE; Import-Module $env:AMP_ATTACK_ASSEMBLY; . $env:AMP_ATTACK_SESSION; "
                + string.Create(CultureInfo.InvariantCulture, $"Invoke-GateAttack -Seed {seed} -At {first} -Count {count} -RunOneIn {runOneIn} -Outside $env:AMP_ATTACK_OUTSIDE"),
        ];
        ProcessStartInfo start = new(powerShell, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = place.Project,
        };
        start.Environment["AMP_ATTACK_MODULE"] = Path.Combine(RepositoryLayout.Root, "out", "Amp", "Amp.psd1");
        start.Environment["AMP_ATTACK_ASSEMBLY"] = typeof(GateAttack).Assembly.Location;
        start.Environment["AMP_ATTACK_SESSION"] = Path.Combine(AppContext.BaseDirectory, "session.ps1");
        start.Environment["AMP_ATTACK_OUTSIDE"] = place.Outside;
        start.Environment["HOME"] = start.Environment["USERPROFILE"] = place.Home;
        start.Environment["TMPDIR"] = start.Environment["TEMP"] = start.Environment["TMP"] = place.Temporary;
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + Path.PathSeparator + place.Project;
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";

        // What is left shall be of scripts alone.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["POWERSHELL_DIAGNOSTICS_OPTOUT"] = "1";
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("XDG_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }

    // The processes of scripts have few variables, and the home is one of them.
    private static IEnumerable<int> ProcessesOf(AttackPlace place)
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }

        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) && HasHome(folder, place.Home) && ProcessProbe.IsRunning(id))
            {
                yield return id;
            }
        }
    }

    private static bool HasHome(string folder, string home)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains($"HOME={home}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
