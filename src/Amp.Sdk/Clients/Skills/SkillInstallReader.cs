using Amp.Cli;

namespace Amp.Clients.Skills;

/// <summary>Reads the output of <c>skill add</c> for each skill. It is the same in all CLIs of 2026.</summary>
internal static class SkillInstallReader
{
    private const string Installed = "✓ Installed ";
    private const string Failed = "✗ Failed to install ";
    private const string Arrow = "→ ";

    /// <exception cref="AmpJsonException">A line has an unknown format.</exception>
    public static SkillInstallation Read(CliConnection connection, IReadOnlyList<string> arguments, string output)
    {
        List<AmpSkill> skills = [];
        List<string> faults = [];
        string? name = null;
        foreach (string line in TerminalText.Strip(output).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            if (line.StartsWith("Installing skills from ", StringComparison.Ordinal))
            {
                continue;
            }

            if (line.StartsWith(Arrow, StringComparison.Ordinal) && name is not null)
            {
                skills.Add(new AmpSkill { Name = name, Path = line[Arrow.Length..], IsBuiltIn = false });
                name = null;
            }
            else if (line.StartsWith(Installed, StringComparison.Ordinal) && name is null)
            {
                name = line[Installed.Length..];
            }
            else if (line.StartsWith(Failed, StringComparison.Ordinal))
            {
                faults.Add(line[2..]);
            }
            else
            {
                throw connection.Unreadable(arguments, "has a line that is not known", line);
            }
        }

        return name is null && skills.Count + faults.Count > 0
            ? new SkillInstallation(skills, faults)
            : throw connection.Unreadable(arguments, "does not say where the skill is", output);
    }
}
