using Amp.Text;

namespace Amp.Sdk.Tests;

public sealed class SecretRedactorTests
{
    [Theory]
    [InlineData("the key canary-4711 was used", "the key *** was used")]
    [InlineData("canary-4711canary-4711", "******")]
    [InlineData("canary-4711-longer", "***")]
    [InlineData("https://x/cli-login?authToken=abc.def&next=1", "https://x/cli-login?authToken=***&next=1")]
    [InlineData("Authorization: Bearer abc.def-1", "Authorization: Bearer ***")]
    [InlineData("AMP_API_KEY=abc", "AMP_API_KEY=***")]
    [InlineData("{\"AMP_API_KEY\": \"abc\"}", "{\"AMP_API_KEY\": \"***\"}")]
    [InlineData("AMP_API_KEY='abc'", "AMP_API_KEY='***'")]
    [InlineData("""{\"AMP_API_KEY\": \"abc""", """{\"AMP_API_KEY\": \"***""")]
    [InlineData("sgamp_user_01ABC_xyz-1 x", "*** x")]
    [InlineData("short and plain", "short and plain")]
    [InlineData("second line of a key", "*** of a key")]
    [InlineData("", "")]
    public void Secrets_are_masked(string text, string expected)
    {
        SecretRedactor redactor = new(new Dictionary<string, string>
        {
            ["AMP_API_KEY"] = "canary-4711",
            ["GitHub_Token"] = "canary-4711-longer",
            ["SHORT_KEY"] = "short",
            ["NAME"] = "plain text",
            ["DEPLOY_KEY"] = "-----BEGIN-----\nsecond line\r\n-----END-----\n",
        }, []);
        Assert.Equal(expected, redactor.Redact(text));
    }

    [Theory]
    [InlineData("https://x/?key=a%2Fb%2Bc%3Dd&next=1")]
    [InlineData("https://x/?key=a%2fb%2bc%3dd&next=1")]
    [InlineData("https://x/?key=a/b+c=d&next=1")]
    public void A_secret_is_found_in_an_address(string text) =>
        Assert.Equal("https://x/?key=***&next=1", new SecretRedactor(new Dictionary<string, string>(), ["a/b+c=d"]).Redact(text));

    [Theory]
    [InlineData("AMP_API_KEY", true)]
    [InlineData("github_token", true)]
    [InlineData("DbPassword", true)]
    [InlineData("AWS_SECRET_ACCESS", true)]
    [InlineData("PATH", false)]
    [InlineData("HOME", false)]
    public void A_name_tells_whether_it_is_a_secret(string name, bool expected) => Assert.Equal(expected, SecretRedactor.IsSecretName(name));
}
