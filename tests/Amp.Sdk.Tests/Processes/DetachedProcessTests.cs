using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Processes;

/// <summary>A program that goes on when this process and its terminal are gone.</summary>
public sealed class DetachedProcessTests
{
    [Fact]
    public async Task A_program_has_a_session_of_its_own_whatever_is_on_PATH()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The session is read from /proc.");
        using PrivateHome home = new();
        string answer = Path.Combine(home.Root, "session");
        DetachedProcess.Start(
            ["/bin/sh", "-c", "read -r id name state parent group session rest < /proc/$$/stat; echo \"$id $session $1\" > \"$2.new\"; /bin/mv \"$2.new\" \"$2\"", "sh", "a  b", answer],
            new Dictionary<string, string> { ["PATH"] = home.Project });
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(FakeRun.HangLimit);
        while (!File.Exists(answer))
        {
            await Task.Delay(20, limit.Token);
        }

        string[] words = (await File.ReadAllTextAsync(answer, limit.Token)).TrimEnd('\n').Split(' ', 3);
        Assert.Equal(words[0], words[1]);
        Assert.Equal("a  b", words[2]);
    }
}
