namespace Amp;

/// <summary>A skill that the agent can use: instructions in their own folder, or built into the CLI.</summary>
public sealed record AmpSkill
{
    /// <summary>The name of the skill.</summary>
    public required string Name { get; init; }

    /// <summary>When to use the skill, for the agent; empty for a skill that was just installed.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>The folder of the skill; null for a built-in skill.</summary>
    public string? Path { get; init; }

    /// <summary>The folder that contains the folder of the skill; null for a built-in skill.</summary>
    public string? Target => Path is null ? null : System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Whether the skill is built into the CLI and cannot be removed.</summary>
    public required bool IsBuiltIn { get; init; }

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;
}

/// <summary>The skills that the CLI found, and the problems of those that it could not read.</summary>
/// <param name="Skills">The valid skills.</param>
/// <param name="Faults">The problems of the others, one text each.</param>
public sealed record SkillList(IReadOnlyList<AmpSkill> Skills, IReadOnlyList<string> Faults);

/// <summary>The options for installing skills.</summary>
public sealed record SkillInstallOptions
{
    /// <summary>The name to install the skill under; only for a source with one skill.</summary>
    public string? Name { get; init; }

    /// <summary>The folder to install the skills into. The default is <c>.agents/skills</c> in the working directory.</summary>
    public string? Target { get; init; }

    /// <summary>Installs the skills for all projects of the user.</summary>
    public bool Global { get; init; }

    /// <summary>Replaces an existing skill of the same name.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>The result of installing a source, which can contain several skills.</summary>
/// <param name="Skills">The installed skills.</param>
/// <param name="Faults">The problems of the others, one text each.</param>
public sealed record SkillInstallation(IReadOnlyList<AmpSkill> Skills, IReadOnlyList<string> Faults);
