using Amp.Options;

namespace Amp.Clients.Skills;

/// <summary>Finds skills in their folders, without a CLI.</summary>
internal static class SkillFolders
{
    private const int MostLookedAt = 1000;

    private static readonly string[][] s_ofWorkspace = [[".agents", "skills"], [".claude", "skills"]];
    private static readonly string[][] s_ofUser = [[".config", "agents", "skills"], [".config", "amp", "skills"], [".claude", "skills"]];

    /// <summary>Gets the names of the skill folders, without duplicates.</summary>
    public static IReadOnlyList<string> Names(CliOptions? options)
    {
        string workingDirectory = options?.WorkingDirectory ?? Environment.CurrentDirectory;
        Dictionary<string, string> environment = RunEnvironment.Build(options?.Environment);
        IEnumerable<string> folders = s_ofWorkspace.Select(folder => Path.Combine([workingDirectory, .. folder]));
        if (environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home)
        {
            folders = folders.Concat(s_ofUser.Select(folder => Path.Combine([home, .. folder])));
        }

        return [.. folders.SelectMany(SkillsIn).Distinct(StringComparer.Ordinal)];
    }

    private static string[] SkillsIn(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateDirectories(folder)
                    .Take(MostLookedAt)
                    .Where(skill => File.Exists(Path.Combine(skill, "SKILL.md")))
                    .Select(skill => Path.GetFileName(skill))]
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
