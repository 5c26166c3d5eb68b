using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using Amp.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>The options of registered clients: where they come from, and what is refused before anything starts.</summary>
public sealed class OptionsTests
{
    private static readonly string[] s_onlyInCode =
        ["Images", "Approval", "McpServers", "Tools", "OutputSchema", "Verify", "Budget", "Transport"];

    public static TheoryData<string> Options => [.. typeof(AmpOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true }).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_comes_from_the_configuration_or_is_refused_by_its_name(string name)
    {
        PropertyInfo property = typeof(AmpOptions).GetProperty(name)!;
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        (string Suffix, string Text, Func<object?, bool> IsIt) sample = type switch
        {
            _ when type == typeof(string) => (string.Empty, "text", value => value is "text"),
            _ when type == typeof(bool) => (string.Empty, "true", value => value is true),
            _ when type == typeof(TimeSpan) => (string.Empty, "00:01:30", value => value is TimeSpan { TotalSeconds: 90 }),
            _ when type == typeof(int) || type == typeof(long) || type == typeof(decimal) => (string.Empty, "7", value => Convert.ToInt32(value, null) == 7),
            _ when type == typeof(TranscriptContent) => (string.Empty, "hash", value => value is TranscriptContent.Hash),
            _ when type == typeof(IReadOnlyList<string>) => (":0", "one", value => value is IReadOnlyList<string> and ["one"]),
            _ when type == typeof(SecureString) => (string.Empty, "text", value => Plain((SecureString)value!) == "text"),
            _ when type == typeof(IReadOnlyDictionary<string, string?>) => (":NAME", "x", value => ((IReadOnlyDictionary<string, string?>)value!)["NAME"] == "x"),
            _ when type == typeof(IReadOnlyList<AmpPermission>) => (":0:Action", "reject", _ => true),
            _ => (string.Empty, "x", _ => false),
        };
        List<(string, string?)> values = [($"Amp:{name}{sample.Suffix}", sample.Text)];
        if (name == nameof(AmpOptions.Permissions))
        {
            values.Add(("Amp:Permissions:0:Tool", "*"));
        }

        Func<AmpOptions> make = () => Made([.. values]);
        if (s_onlyInCode.Contains(name))
        {
            string error = Assert.Throws<OptionsValidationException>(make).Message;
            Assert.Contains($"Amp:{name}", error, StringComparison.Ordinal);
            Assert.Contains("Configure", error, StringComparison.Ordinal);
        }
        else
        {
            Assert.True(sample.IsIt(property.GetValue(make())), name);
        }

        // Without the check of the whole: 'text' is no valid thread.
        static AmpOptions Made((string, string?)[] values)
        {
            ServiceCollection services = new();
            services.AddAmp(TestHost.Configuration(values).GetSection("Amp"));
            services.Remove(services.Single(service => service.ServiceType == typeof(IValidateOptions<AmpOptions>)));
            return services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<AmpOptions>>().CurrentValue;
        }
    }

    [Theory]
    [InlineData("00:15:00", 900)]
    [InlineData("0:15", 900)]
    [InlineData("23:59:59", 86_399)]
    [InlineData("1.00:00:00", 86_400)]
    [InlineData("00:00:01.5", 1.5)]
    public void A_time_is_hours_minutes_and_seconds(string text, double seconds)
    {
        using TestHost host = Host(("Amp:Timeout", text));
        Assert.Equal(TimeSpan.FromSeconds(seconds), host.Client.Options.Timeout);
    }

    [Fact]
    public void Rules_lists_and_variables_come_in_their_order()
    {
        using TestHost host = Host(
            ("Amp:Permissions:0:Kind", "Shell"),
            ("Amp:Permissions:0:Command", "git *"),
            ("Amp:Permissions:0:Action", "Allow"),
            ("Amp:Permissions:1:Tool", "*"),
            ("Amp:Permissions:1:Action", "Reject"),
            ("Amp:Permissions:1:Message", "Only git."),
            ("Amp:Labels:0", "a"),
            ("Amp:Labels:1", "b"),
            ("Amp:EnabledTools", string.Empty),
            ("Amp:Environment:LC_ALL", "C"),
            ("Amp:Environment:DISPLAY", null));
        AmpOptions options = host.Client.Options;
        Assert.Equal(
            (ToolKind.Shell, "git *", PermissionAction.Allow), (options.Permissions![0].Kind, options.Permissions[0].Command, options.Permissions[0].Action));
        Assert.Equal(("*", "Only git."), (options.Permissions[1].Tool, options.Permissions[1].Message));
        Assert.Equal(["a", "b"], options.Labels!);
        Assert.Empty(options.EnabledTools!);
        Assert.Equal("C", options.Environment!["LC_ALL"]);
        Assert.Null(options.Environment["DISPLAY"]);
    }

    [Theory]
    [InlineData("Amp:Timout", "00:01:00", "Timout")]
    [InlineData("Amp:Timeout", "soon", "soon")]
    [InlineData("Amp:Timeout:0", "x", "single")]
    [InlineData("Amp:Timeout", "15", "00:15:00")]
    [InlineData("Amp:Timeout", "24:00:00", "1.00:00:00")]
    [InlineData("Amp:IdleTimeout", "24:00", "1.00:00:00")]
    [InlineData("Amp:Timeout", "1:2:3:4", "1:2:3:4")]
    [InlineData("Amp:Title:0", "x", "single")]
    [InlineData("Amp:ApiKey:0", "x", "single")]
    [InlineData("Amp:Labels:0:a", "x", "single")]
    [InlineData("Amp:Labels:a", "x", "list")]
    [InlineData("Amp:Environment", "A=b", "variables")]
    [InlineData("Amp:Environment:A:b", "c", "single")]
    [InlineData("Amp:Permissions", "Bash", "list")]
    [InlineData("Amp:Permissions:0", "Bash", "rule")]
    [InlineData("Amp:Permissions:0:Tool:0", "Bash", "single")]
    [InlineData("Amp:Permissions:0:Message:0", "no", "single")]
    [InlineData("Amp:RetryLimit", "many", "many")]
    [InlineData("Amp:Labels", "one", "list")]
    [InlineData("Amp:Permissions:0:Action", "Allow", "rule")]
    [InlineData("Amp:Permissions:0:Action", "Perhaps", "Perhaps")]
    [InlineData("Amp:Permissions:0:Matches:cmd", "x", "Matches")]
    [InlineData("Amp:ThreadId", "--flag", "--flag")]
    [InlineData("Amp:WorkingDirectory", "/no/such/folder", "/no/such/folder")]
    public async Task What_cannot_be_used_stops_the_start_of_the_host(string key, string value, string said)
    {
        using TestHost host = Host((key, value), ("Amp:ApiKey", "sgamp_user_canary"));
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Kind": "Shell", "Action": "Allow", "Command": ["git *"] }""", "Command' of the configuration is not a single value")]
    [InlineData("""{ "Kind": "Shell", "Action": "Allow", "Command": {} }""", "Command' of the configuration has no value")]
    [InlineData("""{ "Kind": "Shell", "Action": "Allow", "Command": null }""", "Command")]
    [InlineData("""{ "Kind": "Shell", "Action": "Allow", "Command": [] }""", "Command")]
    [InlineData("""{ "Kind": "Write", "Action": "Allow", "Path": ["a/*"] }""", "Path' of the configuration is not a single value")]
    [InlineData("""[]""", "rule")]
    public async Task A_rule_with_a_restriction_that_is_no_text_never_becomes_one_without(string rule, string said)
    {
        using MemoryStream json = new(System.Text.Encoding.UTF8.GetBytes($$"""{ "Amp": { "Permissions": [{{rule}}] } }"""));
        using TestHost host = TestHost.With(services => services.AddAmp(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Amp")));
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_not_set_and_an_empty_list_is_one()
    {
        using MemoryStream json = new("""{ "Amp": { "Title": null, "Timeout": null, "RetryLimit": null, "Labels": [], "EnabledTools": {} } }"""u8.ToArray());
        using TestHost host = TestHost.With(services => services.AddAmp().Configure(options => options with { Title = "before", EnabledTools = ["Read"] })
            .Bind(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Amp")));
        AmpOptions options = host.Client.Options;
        Assert.Equal(("before", null, 0), (options.Title, options.Timeout, options.Labels!.Count));
        Assert.Equal(["Read"], options.EnabledTools!);
    }

    [Fact]
    public async Task Options_that_a_reload_has_made_unusable_are_an_error_of_the_run_until_they_can_be_used_again()
    {
        using PrivateHome home = new();
        string folder = Path.Combine(home.Root, "later");
        IConfigurationRoot configuration = TestHost.Configuration(("Amp:WorkingDirectory", home.Root));
        using TestHost host = TestHost.With(services => services.AddAmp(configuration.GetSection("Amp")));
        await host.StartAsync();
        Assert.Equal(home.Root, host.Client.Options.WorkingDirectory);
        configuration["Amp:WorkingDirectory"] = folder;
        _ = Record.Exception(configuration.Reload);
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(
            () => host.Client.RunAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.Equal(AmpErrorId.InvalidOption, Assert.Single(host.Log.OfRuns, entry => entry.Id.Name == "RunRefused").Values["ErrorId"]);
        Directory.CreateDirectory(folder);
        Assert.Equal(folder, host.Client.Options.WorkingDirectory);
    }

    [Fact]
    public async Task A_missing_CLI_and_a_spent_budget_do_not_stop_the_start()
    {
        using PrivateHome home = new();
        AmpBudget budget = AmpBudget.Open(Path.Combine(home.Root, "budget.json"), tokenLimit: 1);
        AmpReplay replay = new([new AmpMock { Text = "done", Usage = new TokenUsage(5, 5) }]);
        await AmpClient.RunAsync("hi", new AmpOptions { Budget = budget, Transport = replay.Transport }, TestContext.Current.CancellationToken);
        using TestHost host = TestHost.With(services =>
        {
            services.AddAmp().Configure(Missing);
            services.AddAmp("spent").AddBudget(_ => budget).Configure(Missing);
        });
        await host.StartAsync();
        await Assert.ThrowsAsync<AmpBudgetException>(() => host.Services.GetRequiredKeyedService<IAmpClient>("spent").RunAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        AmpCliNotFoundException missing = await Assert.ThrowsAsync<AmpCliNotFoundException>(
            () => host.Client.RunAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        LogEntry entry = host.Log.OfRuns[^1];
        Assert.Equal((14, "RunRefused", AmpErrorId.CliNotFound), (entry.Id.Id, entry.Id.Name, entry.Values["ErrorId"]));
        Assert.Contains(missing.Message, entry.Text, StringComparison.Ordinal);

        AmpOptions Missing(AmpOptions options) =>
            options with { CliPath = Path.Combine(home.Root, "none"), WorkingDirectory = home.Project, Environment = home.Environment() };
    }

    [Fact]
    public void Steps_apply_in_the_order_of_the_calls_and_names_do_not_mix()
    {
        using TestHost host = TestHost.With(services =>
        {
            services.AddSingleton("from a service");
            services.AddAmp(TestHost.Configuration(("Mode", "smart"), ("Title", "one"))).Configure(options => options with { Title = options.Title + " two" });
            services.AddAmp("review", TestHost.Configuration(("Mode", "rush")))
                .Configure((provider, options) => options with { Title = provider.GetRequiredService<string>() })
                .AddBudget(_ => new AmpBudget(tokenLimit: 10));
        });
        IAmpClient review = host.Services.GetRequiredKeyedService<IAmpClient>("review");
        Assert.Equal(("smart", "one two", null), (host.Client.Options.Mode, host.Client.Options.Title, host.Client.Options.Budget));
        Assert.Equal(("rush", "from a service"), (review.Options.Mode, review.Options.Title));
        Assert.Same(host.Services.GetRequiredKeyedService<AmpBudget>("review"), review.Options.Budget);
        Assert.Same(host.Client, host.Client);
        Assert.Same(review.Options, host.Services.GetRequiredService<IOptionsMonitor<AmpOptions>>().Get("review"));
        Assert.Null(host.Services.GetKeyedService<IAmpClient>("other"));
    }

    [Fact]
    public void The_next_run_has_what_the_configuration_says_then()
    {
        IConfigurationRoot configuration = TestHost.Configuration(("Amp:Title", "one"));
        using TestHost host = TestHost.With(services => services.AddAmp(configuration.GetSection("Amp")));
        IAmpClient client = host.Client;
        Assert.Equal("one", client.Options.Title);
        configuration["Amp:Title"] = "two";
        configuration.Reload();
        Assert.Equal("two", client.Options.Title);
        Assert.Same(client, host.Client);
    }

    private static TestHost Host(params (string Key, string? Value)[] values) =>
        TestHost.With(services => services.AddAmp(TestHost.Configuration(values).GetSection("Amp")));

    private static string Plain(SecureString secret)
    {
        nint text = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(text)!;
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(text);
        }
    }
}
