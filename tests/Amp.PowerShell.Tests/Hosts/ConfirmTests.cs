using Amp.LocalService;
using Amp.PowerShell.Tests.Support;
using Amp.Testing;

namespace Amp.PowerShell.Tests.Hosts;

/// <summary>Questions to whoever sits before the host.</summary>
public sealed class ConfirmTests
{
    private const string Thread = "T-00000000-0000-4000-8000-00000000000";

    [Fact]
    public async Task Each_thread_is_asked_about_before_it_is_deleted()
    {
        using Place place = new(script => script.Out("Thread was deleted"));
        PersonHost person = new([2, 2]);
        HostedOutcome outcome = await Hosted.RunAsync("$value | Remove-AmpThread @call", place, new[] { Thread + "1", Thread + "2" }, person);

        Assert.Empty(outcome.Errors);
        Assert.Collection(person.Asked, first => Assert.Contains(Thread + "1", first), second => Assert.Contains(Thread + "2", second));
        Assert.DoesNotContain(place.Records, record => record.Arguments.Contains("delete"));
    }

    [Fact]
    public async Task A_yes_to_all_is_asked_for_once()
    {
        using Place place = new(script => script.Out("Thread was deleted"));
        PersonHost person = new([1]);
        HostedOutcome outcome = await Hosted.RunAsync("$value | Remove-AmpThread @call", place, new[] { Thread + "1", Thread + "2" }, person);

        Assert.Empty(outcome.Errors);
        Assert.Single(person.Asked);
        Assert.Equal(2, place.Records.Count(record => record.Arguments.Contains("delete")));
    }

    [Fact]
    public async Task A_title_writes_no_lines_of_its_own_into_a_question()
    {
        using Place place = new(script => script.Out("Thread was deleted"));
        PersonHost person = new([2]);
        const string Script = """
            [pscustomobject]@{ ThreadId = $value; Title = "notes' (T-1)`".`n`nAll threads were checked.`nPerforming the operation Archive on $('x' * 100kb)" } | Remove-AmpThread @call
            """;
        HostedOutcome outcome = await Hosted.RunAsync(Script, place, Thread + "1", person);

        Assert.Empty(outcome.Errors);
        string question = Assert.Single(person.Asked);
        Assert.Contains(Thread + "1", question, StringComparison.Ordinal);
        Assert.DoesNotContain(question.Split('\n'), line => line.StartsWith("All threads", StringComparison.Ordinal) || line.StartsWith("Performing the operation Archive", StringComparison.Ordinal));
        Assert.True(question.Length < 2000, $"The question has {question.Length} characters.");
        Assert.DoesNotContain(place.Records, record => record.Arguments.Contains("delete"));
    }

    [Fact]
    public async Task The_name_of_a_server_writes_no_lines_of_its_own_into_a_question()
    {
        using Place place = new();
        PersonHost person = new([2]);
        await Hosted.RunAsync("Approve-AmpMcpServer $value @call -Confirm", place, "ours\nIt was checked.", person);

        Assert.DoesNotContain(Assert.Single(person.Asked).Split('\n'), line => line.StartsWith("It was checked.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_can_ask_nobody_deletes_nothing()
    {
        using Place place = new(script => script.Out("Thread was deleted"));
        HostedOutcome outcome = await Hosted.RunAsync("$value | Remove-AmpThread @call", place, Thread + "1", new PersonHost());

        Assert.NotEmpty(outcome.Errors);
        Assert.DoesNotContain(place.Records, record => record.Arguments.Contains("delete"));
    }

    [Fact]
    public async Task The_calls_of_an_agent_are_asked_about_until_all_are_allowed()
    {
        await using Asking asking = await Asking.StartAsync();
        PersonHost person = new([0, 2, 1]);
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent $value @call -ResultOnly -Confirm", asking.Place, Asking.Prompt("a", "b", "c", "d"), person);

        Assert.Equal(3, person.Asked.Count);
        Assert.All(person.Asked, question => Assert.Contains("./make ", question, StringComparison.Ordinal));
        Assert.Equal(3, asking.Made);
        object[] approvals = [.. Approvals(outcome)];
        Assert.Equal(4, approvals.Length);
    }

    [Fact]
    public async Task Nothing_more_is_asked_when_all_are_refused()
    {
        await using Asking asking = await Asking.StartAsync();
        PersonHost person = new([3]);
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent $value @call -ResultOnly -Confirm", asking.Place, Asking.Prompt("a", "b", "c"), person);

        Assert.Single(person.Asked);
        Assert.Equal(0, asking.Made);
        Assert.Equal(3, Approvals(outcome).Count());
        Assert.Equal("Denied", Assert.Single(outcome.Output).Property("Outcome")!.ToString());
    }

    [Fact]
    public async Task A_host_that_can_ask_nobody_says_no_for_them()
    {
        await using Asking asking = await Asking.StartAsync();
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent $value @call -ResultOnly -Confirm", asking.Place, Asking.Prompt("a"), new PersonHost());

        Assert.Equal(0, asking.Made);
        Assert.Equal("Denied", Assert.Single(outcome.Output).Property("Outcome")!.ToString());
        Assert.NotEmpty(outcome.Warnings);
    }

    [Fact]
    public async Task Nothing_is_asked_or_started_with_WhatIf()
    {
        await using Asking asking = await Asking.StartAsync();
        PersonHost person = new([0]);
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent $value @call -Confirm -WhatIf", asking.Place, Asking.Prompt("a"), person);

        Assert.Empty(outcome.Output);
        Assert.Empty(person.Asked);
        Assert.Empty(asking.Service.Requests);
    }

    private static IEnumerable<object> Approvals(HostedOutcome outcome) =>
        ((System.Collections.IEnumerable)Assert.Single(outcome.Output).Property("Approvals")!).Cast<object>();

    /// <summary>A real CLI whose model runs a program that no built-in rule knows.</summary>
    private sealed class Asking : IAsyncDisposable
    {
        private Asking(Place place, LocalAmpService service)
        {
            Place = place;
            Service = service;
        }

        public Place Place { get; }

        public LocalAmpService Service { get; }

        public int Made => Directory.GetFiles(Place.Project).Length - 1;

        public static string Prompt(params string[] names) => string.Join(' ', names.Select(name => $$"""RUN:Bash {"cmd":"./make {{name}}"}END"""));

        public static async Task<Asking> StartAsync()
        {
            string? cli = RepositoryLayout.RealCli(RealCliBuild.March2026);
            Assert.SkipWhen(cli is null || OperatingSystem.IsWindows(), "It needs the CLI of March, and on Windows that one can ask nobody.");
            Place place = new();
            LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions());
            place.Call["CliPath"] = cli;
            place.Environment["AMP_URL"] = service.Url;
            place.Environment["AMP_API_KEY"] = "sgamp_user_canary";
            string make = Path.Combine(place.Project, "make");
            await File.WriteAllTextAsync(make, "#!/bin/sh\necho made > \"$1\"\n", CancellationToken.None);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(make, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return new Asking(place, service);
        }

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            Place.Dispose();
        }
    }
}
