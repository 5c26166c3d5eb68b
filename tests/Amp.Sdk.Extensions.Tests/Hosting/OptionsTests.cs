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
        ["Images", "Approval", "McpServers", "Tools", "OutputSchema", "Verify", "Budget"];

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

    [Fact]
    public async Task A_missing_CLI_and_a_spent_budget_do_not_stop_the_start()
    {
        using PrivateHome home = new();
        AmpBudget budget = AmpBudget.Open(Path.Combine(home.Root, "budget.json"), tokenLimit: 1);
        using TestHost host = TestHost.With(services => services.AddAmp().AddBudget(_ => budget)
            .Configure(options => options with { CliPath = Path.Combine(home.Root, "none"), WorkingDirectory = home.Project, Environment = home.Environment() }));
        await host.StartAsync();
        AmpCliNotFoundException missing = await Assert.ThrowsAsync<AmpCliNotFoundException>(
            () => host.Client.RunAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        LogEntry entry = Assert.Single(host.Log.OfRuns);
        Assert.Equal((14, "RunRefused", AmpErrorId.CliNotFound), (entry.Id.Id, entry.Id.Name, entry.Values["ErrorId"]));
        Assert.Contains(missing.Message, entry.Text, StringComparison.Ordinal);
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
