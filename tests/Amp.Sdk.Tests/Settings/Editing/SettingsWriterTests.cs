using System.Text.Json;
using Amp.Settings.Editing;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings.Editing;

public sealed class SettingsWriterTests : IDisposable
{
    private readonly PrivateHome _home = new();

    private string File_ => Path.Combine(_home.Root, "folder", "settings.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public void A_new_file_is_for_its_owner_alone()
    {
        Add(1);

        Assert.Equal("[1]", Values());
        NothingBeside();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File_));
        }
    }

    [Fact]
    public void The_mode_stays_and_secrets_close_the_file()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has access lists instead.");
            return;
        }

        const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Write("{}");
        File.SetUnixFileMode(File_, Open);

        Add(1);
        Assert.Equal(Open, File.GetUnixFileMode(File_));

        SettingsWriter.Change(File_, text => text.SetMember("m", "n", writer => writer.WriteNullValue()), holdsSecrets: true, Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File_));
    }

    [Fact]
    public void What_a_link_leads_to_is_changed_and_the_link_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links want rights there.");
        string target = Path.Combine(_home.Root, "dotfiles.json");
        File.WriteAllText(target, "{}");
        Directory.CreateDirectory(Path.GetDirectoryName(File_)!);
        File.CreateSymbolicLink(File_, target);

        Add(1);

        Assert.Equal(target, new FileInfo(File_).LinkTarget);
        Assert.Contains("1", File.ReadAllText(target), StringComparison.Ordinal);
    }

    // The system goes up from the folder that a link leads to.
    [Fact]
    public void What_a_link_in_a_linked_folder_leads_to_is_changed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links want rights there.");
        string folder = Path.Combine(_home.Root, "dotfiles", "amp");
        string target = Path.Combine(_home.Root, "dotfiles", "shared", "amp.json");
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, "{}");
        string linked = Path.GetDirectoryName(File_)!;
        Directory.CreateDirectory(Path.GetDirectoryName(linked)!);
        Directory.CreateSymbolicLink(linked, folder);
        File.CreateSymbolicLink(File_, "../shared/amp.json");

        Add(1);

        Assert.Contains("1", File.ReadAllText(target), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Path.GetDirectoryName(linked)!, "shared")));
    }

    [Fact]
    public void A_file_that_is_write_protected_stays_as_it_is()
    {
        Write("{}");
        File.SetAttributes(File_, FileAttributes.ReadOnly);

        AmpValidationException exception = Assert.Throws<AmpValidationException>(() => Add(1));

        Assert.Contains(File_, exception.Message, StringComparison.Ordinal);
        Assert.Equal("{}", File.ReadAllText(File_));
        NothingBeside();
        File.SetAttributes(File_, FileAttributes.Normal);
    }

    [Fact]
    public void A_broken_file_stays_as_it_is()
    {
        Write("{ \"k\": [");

        AmpValidationException exception = Assert.Throws<AmpValidationException>(() => Add(1));

        Assert.Contains("line 1", exception.Message, StringComparison.Ordinal);
        Assert.Equal("{ \"k\": [", File.ReadAllText(File_));
        NothingBeside();
    }

    [Fact]
    public async Task Many_at_once_lose_nothing()
    {
        Write("{}");

        await Parallel.ForAsync(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, (value, _) =>
        {
            Add(value);
            return ValueTask.CompletedTask;
        });

        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(File_));
        Assert.Equal(Enumerable.Range(0, 40), settings.RootElement.GetProperty("k").EnumerateArray().Select(value => value.GetInt32()).Order());
        NothingBeside();
    }

    [Fact]
    public void What_a_dead_process_left_is_taken_away()
    {
        Write("{}");
        File.WriteAllText(File_ + ".amp-sdk-new", "half");
        File.SetLastWriteTimeUtc(File_ + ".amp-sdk-new", DateTime.UtcNow.AddMinutes(-5));

        Add(1);

        Assert.Equal("[1]", Values());
        NothingBeside();
    }

    [Fact]
    public void What_a_process_that_stands_still_has_begun_is_not_taken_from_it()
    {
        Write("{}");
        string begun = File_ + ".amp-sdk-new";
        using FileStream held = new(begun, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        held.Write("half"u8);
        held.Flush();
        File.SetLastWriteTimeUtc(begun, DateTime.UtcNow.AddMinutes(-5));
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(500));

        Assert.Throws<AmpCanceledException>(() => SettingsWriter.Change(File_, Edit, holdsSecrets: false, stop.Token));

        Assert.Equal("{}", File.ReadAllText(File_));
        Assert.True(File.Exists(begun));
    }

    [Fact]
    public void What_another_program_has_put_in_the_place_of_the_new_text_does_not_become_the_settings()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Known by the number of the file.");
        Write("{}");
        string begun = File_ + ".amp-sdk-new";

        Assert.Throws<AmpValidationException>(() => SettingsWriter.Change(
            File_,
            text =>
            {
                File.Delete(begun);
                File.WriteAllText(begun, "theirs, half");
                Edit(text);
            },
            holdsSecrets: false,
            Token));

        Assert.Equal("{}", File.ReadAllText(File_));
        Assert.Equal("theirs, half", File.ReadAllText(begun));
    }

    [Fact]
    public void A_file_with_other_names_is_not_parted_from_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Known by the number of names.");
        Write("{}");
        string other = Path.Combine(_home.Root, "other.json");
        Run("ln", File_, other);

        Assert.Throws<AmpValidationException>(() => Add(1));

        Assert.Equal(("{}", "{}"), (File.ReadAllText(File_), File.ReadAllText(other)));
        NothingBeside();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_or_a_folder_of_another_user_stays_that_user_s(bool isThere)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can give a file away.");
        Write("{}");
        if (!isThere)
        {
            File.Delete(File_);
        }

        Run("chown", "-R", "12345", Path.GetDirectoryName(File_)!);

        Assert.Throws<AmpValidationException>(() => Add(1));

        Assert.Equal(isThere ? [File_] : [], Directory.GetFileSystemEntries(Path.GetDirectoryName(File_)!));
    }

    private static void Run(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void Edit(SettingsText text) => text.AddToList("k", atEnd: false, [writer => writer.WriteNumberValue(1)]);

    [Fact]
    public void A_change_of_another_program_in_between_is_kept()
    {
        Write("{}");
        int calls = 0;

        SettingsWriter.Change(
            File_,
            text =>
            {
                if (calls++ == 0)
                {
                    File.WriteAllText(File_, "{\"theirs\":true}");
                }

                text.AddToList("k", atEnd: false, [writer => writer.WriteNumberValue(1)]);
            },
            holdsSecrets: false,
            Token);

        Assert.Equal(2, calls);
        Assert.Contains("theirs", File.ReadAllText(File_), StringComparison.Ordinal);
        Assert.Equal("[1]", Values());
    }

    [Fact]
    public void Waiting_for_another_process_can_be_ended()
    {
        Write("{}");
        File.WriteAllText(File_ + ".amp-sdk-new", "half");
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(50));

        Assert.Throws<AmpCanceledException>(() => SettingsWriter.Change(File_, _ => { }, holdsSecrets: false, stop.Token));

        Assert.Equal("{}", File.ReadAllText(File_));
    }

    private void Add(int value) => SettingsWriter.Change(
        File_, text => text.AddToList("k", atEnd: true, [writer => writer.WriteNumberValue(value)]), holdsSecrets: false, Token);

    private void Write(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File_)!);
        File.WriteAllText(File_, json);
    }

    private string Values()
    {
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(File_));
        return $"[{string.Join(',', settings.RootElement.GetProperty("k").EnumerateArray())}]";
    }

    private void NothingBeside() => Assert.Equal([File_], Directory.GetFiles(Path.GetDirectoryName(File_)!));
}
