namespace Amp;

/// <summary>A skill that the agent can use: instructions in a folder of its own, or built into the CLI.</summary>
public sealed record AmpSkill
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>When to use it, as the agent is told; empty of one that has just been installed.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>The skill's folder; null of one that is built in.</summary>
    public string? Path { get; init; }

    /// <summary>The folder of skills that it is in; null of one that is built in.</summary>
    public string? Target => Path is null ? null : System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Whether it is built into the CLI and cannot be removed.</summary>
    public required bool IsBuiltIn { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>The skills of a folder, and what is wrong with those that the CLI could not read.</summary>
/// <param name="Skills">Those that it can use.</param>
/// <param name="Faults">What it says of the others, a text for each.</param>
public sealed record SkillList(IReadOnlyList<AmpSkill> Skills, IReadOnlyList<string> Faults);

/// <summary>How a source of skills is installed.</summary>
public sealed record SkillInstallOptions
{
    /// <summary>The name that the skill gets here; only for a source with one skill.</summary>
    public string? Name { get; init; }

    /// <summary>The folder of skills to install into; by default that of the working directory, <c>.agents/skills</c>.</summary>
    public string? Target { get; init; }

    /// <summary>Installs for all projects of the user.</summary>
    public bool Global { get; init; }

    /// <summary>Replaces a skill of the same name.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>What came of installing a source, which may hold several skills.</summary>
/// <param name="Skills">Those that are installed now.</param>
/// <param name="Faults">What is wrong with those that are not, a text for each.</param>
public sealed record SkillInstallation(IReadOnlyList<AmpSkill> Skills, IReadOnlyList<string> Faults);
