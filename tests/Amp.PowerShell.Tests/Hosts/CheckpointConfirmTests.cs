using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests.Hosts;

/// <summary>The questions of a restore. Alone, since they set variables of the test process.</summary>
[Collection(nameof(Alone))]
public sealed class CheckpointConfirmTests
{
    private const int Yes = 0;
    private const int No = 2;

    [Fact]
    public async Task A_file_is_restored_or_deleted_only_after_a_yes_about_itself()
    {
        using Place place = new(script => script.Init().Read().Result("done"));
        Dictionary<string, string?> outer = [];
        foreach ((string name, string? value) in ((string, string?)[])[
            ("HOME", place.Environment["HOME"] as string), ("XDG_STATE_HOME", place.Environment["XDG_STATE_HOME"] as string), ("LOCALAPPDATA", place.File("local"))])
        {
            outer[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value);
        }

        try
        {
            Write(place, "a.txt", "one");
            Write(place, "c.txt", "one");
            Write(place, "d.txt", "one");
            Write(place, "sub/b.txt", "one");
            HostedOutcome run = await Hosted.RunAsync("Invoke-AmpAgent go @call -Checkpoint -ResultOnly", place);
            object? id = Assert.Single(run.Output).Property("CheckpointId");

            // A file becomes a folder, and a folder a file.
            File.Delete(PathOf(place, "a.txt"));
            Write(place, "a.txt/inside.txt", "new");
            Write(place, "c.txt", "two");
            Write(place, "d.txt", "two");
            Directory.Delete(PathOf(place, "sub"), recursive: true);
            Write(place, "sub", "new");

            // The file cannot be there as long as the folder is.
            PersonHost person = new([Yes, No, No, No, No, No]);
            HostedOutcome refused = await RestoreAsync(place, id, person);
            Assert.Equal(6, person.Asked.Count);
            Assert.Contains("inside.txt", person.Asked[1], StringComparison.Ordinal);
            Assert.Contains("b.txt", person.Asked[5], StringComparison.Ordinal);
            Assert.StartsWith("CheckpointConflict,", Assert.Single(refused.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal("new", Read(place, "a.txt/inside.txt"));

            HostedOutcome restored = await RestoreAsync(place, id, new PersonHost([No, No, Yes, No, Yes, No]));
            Assert.Empty(restored.Errors);
            Assert.Single(restored.Output);
            Assert.Equal(("new", "one", "two"), (Read(place, "a.txt/inside.txt"), Read(place, "c.txt"), Read(place, "d.txt")));
            Assert.False(Path.Exists(PathOf(place, "sub")));
        }
        finally
        {
            foreach ((string name, string? value) in outer)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private static Task<HostedOutcome> RestoreAsync(Place place, object? id, PersonHost person) =>
        Hosted.RunAsync("Restore-AmpCheckpoint $value -WorkingDirectory $call.WorkingDirectory -Force -Confirm", place, id, person);

    private static string PathOf(Place place, string path) => Path.Combine(place.Project, path);

    private static string Read(Place place, string path) => File.ReadAllText(PathOf(place, path));

    private static void Write(Place place, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(place, path))!);
        File.WriteAllText(PathOf(place, path), text);
    }
}

/// <summary>Tests that run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
