#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Secret([string] $Text) {
        $secret = [securestring]::new()
        foreach ($character in $Text.ToCharArray()) {
            $secret.AppendChar($character)
        }

        $secret
    }

    function Get-FullServer {
        New-AmpMcpServer files npx '-y', 'server' -Environment @{ API_KEY = 'canary-env'; OTHER = Get-Secret 'canary-secure' }
        $login = @{
            OAuthClientId = 'client'
            OAuthClientSecret = Get-Secret 'canary-client'
            OAuthAuthorizationUrl = 'https://example.com/auth'
            OAuthTokenUrl = 'https://example.com/token'
            OAuthScope = 'read', 'write'
            OAuthRedirectUrl = 'http://localhost:8080/back'
        }
        New-AmpMcpServer web -Url 'https://example.com/mcp?token=canary-query' -Transport sse @login -Header @{
            Authorization = Get-Secret 'Bearer canary-header'
            'X-Plain' = 'canary-plain'
        }
    }

    function Get-Refusal([scriptblock] $Statement) {
        try {
            $null = & $Statement
        } catch {
            $_.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.NewAmpMcpServerCommand'
            $_.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $_.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            "$_ $($_.Exception) $($_.TargetObject)" | Should -Not -BeLike '*canary*'
            return $_.Exception.Message
        }

        throw 'It was not refused.'
    }
}

Describe 'New-AmpMcpServer' {
    It 'describes a server that the CLI starts' {
        $server = New-AmpMcpServer files npx '-y', 'server' -Environment @{ A = 'x'; B = Get-Secret 'y' } -Disabled
        $server | Should -BeOfType [Amp.McpStdioServer]
        $server.Name, $server.Command | Should -Be 'files', 'npx'
        $server.Arguments | Should -Be '-y', 'server'
        $server.Environment.Keys | Should -Be 'A', 'B'
        $server.Disabled | Should -BeTrue
    }

    It 'describes a server that is reached by HTTP' {
        $server = (Get-FullServer)[1]
        $server | Should -BeOfType [Amp.McpHttpServer]
        $server.Url | Should -Be 'https://example.com/mcp?token=***'
        $server.Headers.Keys | Should -Be 'Authorization', 'X-Plain'
        $server.Transport | Should -Be 'sse'
        $server.OAuth.ClientId, $server.OAuth.RedirectUrl | Should -Be 'client', 'http://localhost:8080/back'
        $server.OAuth.Scopes | Should -Be 'read', 'write'
        $server.Disabled | Should -BeFalse
    }

    It 'needs nothing but a name and a program or an address' {
        (New-AmpMcpServer a x).Arguments | Should -BeNullOrEmpty
        (New-AmpMcpServer a -Url 'http://localhost:9/').OAuth | Should -BeNullOrEmpty
        (New-AmpMcpServer a x -Environment @{ PORT = 8080; DEBUG = $true }).Environment.Count | Should -Be 2
    }

    It 'does not change what it is given' {
        $variables = @{ A = 'x'; S = Get-Secret 'y' }
        $null = New-AmpMcpServer a x -Environment $variables
        $variables.A | Should -Be 'x'
        $variables.S | Should -BeOfType [securestring]
        $variables.S.Length | Should -Be 1
    }

    It 'gives no secret away by <Case>' -ForEach @(
        @{ Case = 'a table'; Show = { $_ | Format-Table * | Out-String -Width 500 } }
        @{ Case = 'a list'; Show = { $_ | Format-List * | Out-String -Width 500 } }
        @{ Case = 'a list of its parts'; Show = { $_.Environment, $_.Headers, $_.OAuth | Format-List * | Out-String -Width 500 } }
        @{ Case = 'Format-Custom'; Show = { $_ | Format-Custom -Depth 9 | Out-String -Width 500 } }
        @{ Case = 'JSON'; Show = { ConvertTo-Json $_ -Depth 9 -WarningAction Ignore } }
        @{ Case = 'Clixml'; Show = { [System.Management.Automation.PSSerializer]::Serialize($_, 9) } }
        @{ Case = 'CSV'; Show = { $_ | ConvertTo-Csv | Out-String } }
        @{ Case = 'its text'; Show = { "$_ $($_.OAuth) $($_.Headers.Values) $($_.Environment.Values)" } }
    ) {
        foreach ($server in Get-FullServer) {
            $shown = $server | ForEach-Object $Show
            $shown | Should -Not -BeNullOrEmpty
            $shown | Should -Not -BeLike '*canary*'
        }
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'no name'; Arguments = @{ Name = ''; Command = 'x' }; Message = '*has no name*' }
        @{ Case = 'a name with a blank'; Arguments = @{ Name = 'a b'; Command = 'x' }; Message = '*not a valid MCP server name*' }
        @{ Case = 'no program'; Arguments = @{ Command = '' }; Message = 'Command*missing or empty*' }
        @{ Case = 'a program with arguments'; Arguments = @{ Command = 'npx -y x' }; Message = '*contains arguments*' }
        @{ Case = 'an argument with a NUL'; Arguments = @{ Command = 'x'; ArgumentList = 'a', "canary`0" }; Message = 'Argument 2*NUL*' }
        @{ Case = 'a variable without a value'; Arguments = @{ Command = 'x'; Environment = @{ A = $null } }; Message = '*''A'' is null*' }
        @{ Case = 'a variable that is a list'; Arguments = @{ Command = 'x'; Environment = @{ A = 'canary', 'b' } }; Message = '*''A'' is an object of type*' }
        @{ Case = 'a variable with a bad name'; Arguments = @{ Command = 'x'; Environment = @{ 'A=B' = 'canary' } }; Message = '*not a valid environment variable name*' }
        @{ Case = 'a variable with a NUL'; Arguments = @{ Command = 'x'; Environment = @{ A = "canary`0" } }; Message = '*NUL*' }
        @{ Case = 'not a URL'; Arguments = @{ Url = '' }; Message = 'Url*missing or empty*' }
        @{ Case = 'an address of another kind'; Arguments = @{ Url = 'ftp://example.com' }; Message = 'Url is not a URL*' }
        @{ Case = 'an address with a password'; Arguments = @{ Url = 'https://me:canary@example.com/' }; Message = '*user name or password*' }
        @{ Case = 'a header with a line end'; Arguments = @{ Url = 'https://x/'; Header = @{ A = "canary`r`nB: c" } }; Message = '*header ''A''*line end*' }
        @{ Case = 'a login without addresses'; Arguments = @{ Url = 'https://x/'; OAuthClientId = 'i' }; Message = 'OAuthAuthorizationUrl*missing*' }
        @{ Case = 'a secret without a client'; Arguments = @{ Url = 'https://x/'; OAuthClientSecret = 'canary' }; Message = 'OAuthClientId*missing*' }
        @{ Case = 'a secret that is an object'; Arguments = @{ Url = 'https://x/'; OAuthClientId = 'i'; OAuthClientSecret = @{ a = 'canary' }; OAuthAuthorizationUrl = 'https://a/'; OAuthTokenUrl = 'https://t/' }; Message = 'The client secret is an object of type*' }
    ) {
        $given = @{ Name = 'a' }
        foreach ($name in $Arguments.Keys) {
            $given[$name] = $Arguments[$name]
        }

        Get-Refusal { New-AmpMcpServer @given } | Should -BeLike $Message
    }

    It 'refuses a SecureString that was disposed of' {
        $gone = Get-Secret 'x'
        $gone.Dispose()
        Get-Refusal { New-AmpMcpServer a x -Environment @{ A = $gone } } | Should -BeLike '*disposed of*'
    }

    It 'is either started or reached by HTTP' {
        { New-AmpMcpServer a x -Url 'https://x/' } | Should -Throw -ErrorId '*NewAmpMcpServerCommand'
    }
}

Describe 'The servers that a CLI is given' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        # The file that the CLI was pointed to, as it read it.
        function Get-Given([hashtable] $Parameter) {
            $null = Invoke-AmpAgent 'go' @call @Parameter -ErrorAction Stop
            @((Get-AmpFakeRecord $place -Kind Run).files | Where-Object source -EQ '--mcp-config').content
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'have their secrets, and those that are disabled are left out' {
        $servers = @(Get-FullServer) + (New-AmpMcpServer off x -Disabled)
        $given = Get-Given @{ McpServer = $servers } | ConvertFrom-Json -AsHashtable
        $given.Keys | Should -Be 'files', 'web'
        $given.files.env.OTHER | Should -Be 'canary-secure'
        $given.web.url | Should -Be 'https://example.com/mcp?token=canary-query'
        $given.web.headers.Authorization | Should -Be 'Bearer canary-header'
        $given.web.oauth.clientSecret | Should -Be 'canary-client'
    }

    It 'come from <Case> too' -ForEach @(
        @{ Case = 'a hashtable'; Config = { @{ a = @{ command = 'x'; env = @{ A = Get-Secret 'secret' } } } } }
        @{ Case = 'an object'; Config = { '{"a":{"command":"x","env":{"A":"secret"}}}' | ConvertFrom-Json } }
        @{ Case = 'JSON with a trailing comma'; Config = { ' {"a":{"command":"x","env":{"A":"secret"},},}' } }
        @{ Case = 'JSON after a comment'; Config = { "// mine`n/* ours */ {""a"":{""command"":""x"",""env"":{""A"":""secret""}}}" } }
        @{ Case = 'JSON after a byte order mark'; Config = { "`u{FEFF}{""a"":{""command"":""x"",""env"":{""A"":""secret""}}}" } }
        @{ Case = 'a file'; Config = { Get-Item $file } }
        @{ Case = 'a path from PowerShell''s location'; Config = { './mcp.json' } }
        @{ Case = 'a path with braces from PowerShell''s location'; Config = { $null = New-Item -ItemType Directory '{a}'; Copy-Item ./mcp.json './{a}'; './{a}/mcp.json' } }
    ) {
        $file = Join-Path $place.Project 'mcp.json'
        Set-Content -LiteralPath $file -Value "// mine`n{""a"":{""command"":""x"",""env"":{""A"":""secret""}}}"
        Push-Location $place.Project
        try {
            Get-Given @{ McpConfig = & $Config } | Should -Be '{"a":{"command":"x","env":{"A":"secret"}}}'
        } finally {
            Pop-Location
        }
    }

    It 'have arguments of objects that mean one text' {
        $list = [pscustomobject] @{ Place = $PWD; Id = [guid]::Empty; Number = 1.5 }
        $given = Get-Given @{ McpServer = @{ name = 'fs'; command = 'npx'; args = '-y', $list.Place, (Get-Item $place.Project), $list.Id, $list.Number } } | ConvertFrom-Json
        $given.fs.args | Should -Be '-y', $PWD.ProviderPath, $place.Project, '00000000-0000-0000-0000-000000000000', '1.5'
    }

    It 'and are not connected when the run starts are named by a warning' {
        $start = '{"type":"system","subtype":"init","cwd":"/","session_id":"${SESSION}","tools":[],"mcp_servers":[{"name":"jira","status":"reconnecting"},{"name":"sky","status":"connected"}]}'
        $call = Get-AmpFakeCall $place 'read', "out $start", 'assistant Done.', 'result Done.'
        $messages = Invoke-AmpAgent 'file the incident' @call -McpServer @{ name = 'jira'; command = 'jria-mcp' }, @{ name = 'sky'; command = 'sky-mcp' } `
            -WarningVariable told -WarningAction SilentlyContinue

        $messages[-1].Outcome | Should -Be 'Succeeded'
        @($told -match 'jira') | Should -HaveCount 1
        @($told -match 'sky') | Should -HaveCount 0
    }

    It 'are refused before anything starts where a hashtable holds <Case>' -ForEach @(
        @{ Case = 'a date'; Value = @{ a = @{ command = 'x'; since = [datetime]::Now } }; Message = 'McpConfig.a.since*System.DateTime*' }
        @{ Case = 'no servers'; Value = @{ a = 'canary' }; Message = '*is not an object*' }
        @{ Case = 'a wrapper around the servers'; Value = @{ mcpServers = @{ a = @{ command = 'x' } } }; Message = '*contains the servers*' }
    ) {
        $failure = { Invoke-AmpAgent 'go' @call -McpConfig $Value } | Should -Throw -ErrorId 'InvalidOption,*' -PassThru
        $failure.Exception.Message | Should -BeLike $Message
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }
}

Describe 'A configuration of servers that is neither JSON nor a file' {
    It 'is refused, and shown nowhere: <Case>' -ForEach @(
        @{ Case = 'without the outer braces'; Config = '"a":{"command":"x","env":{"PASSWD1":"canary"}}' }
        @{ Case = 'a comment and no more'; Config = "// canary`n" }
        @{ Case = 'text before it'; Config = 'config: {"a":{"env":{"A":"canary"}}}' }
        @{ Case = 'lines'; Config = "a:`n  env: canary" }
    ) {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'init', 'result Done.'
            $failure = { Invoke-AmpAgent 'go' @call -McpConfig $Config } | Should -Throw -ErrorId 'InvalidOption,*' -PassThru
            $failure.Exception.OptionName | Should -Be 'McpConfig'
            "$failure $($failure.Exception | Out-String) $($failure.TargetObject) $($failure.Exception.Value)" | Should -Not -BeLike '*canary*'
            Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
        } finally {
            Close-AmpTestPlace $place
        }
    }
}

Describe "A server over HTTP in a run of the real CLI$missing" -Skip:([bool] $missing) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place -Scenario @{
            mcp = @{
                requiredHeaders = @{ Authorization = 'Bearer canary-token' }
                tools = , @{
                    name = 'weather'; description = 'Tells the weather.'; result = 'sunny, 21 degrees'
                    inputSchema = @{ type = 'object'; properties = @{ city = @{ type = 'string' } } }
                }
            }
        }
        $call = Get-AmpLocalCall $place $service
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is called by the agent, with the bearer token that it demands' {
        $server = New-AmpMcpServer sky -Url "$($service.Url)/mcp" -Header @{ Authorization = Get-Secret 'Bearer canary-token' }
        $messages = Invoke-AmpAgent 'RUN:mcp__sky__weather {"city":"Rome"}END' @call -McpServer $server `
            -Permission (New-AmpPermission mcp__sky__* Allow)

        $messages[0].McpServers.Name | Should -Be 'sky'
        $messages[-1].Outcome | Should -Be 'Succeeded'
        $messages[-1].Result | Should -BeLike '*sunny, 21 degrees*'
        $messages.ToolResult.IsError | Should -BeFalse
        $messages.RawJson -join '' | Should -Not -BeLike '*canary*'
    }
}
