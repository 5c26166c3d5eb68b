#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Secret([string] $Text) {
        [System.Net.NetworkCredential]::new('', $Text).SecurePassword
    }
}

Describe 'A secret of a run' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $canary = "canary$([guid]::NewGuid().ToString('N'))"
        $more = @{
            ApiKey = Get-Secret "$canary-key"
            McpServer = @(
                New-AmpMcpServer local node -Environment @{ TOKEN = Get-Secret "$canary-env" }
                New-AmpMcpServer remote -Url 'http://127.0.0.1:9/mcp' -Header @{ Authorization = Get-Secret "Bearer $canary-header" } `
                    -OAuthClientId id -OAuthAuthorizationUrl 'http://127.0.0.1:9/a' -OAuthTokenUrl 'http://127.0.0.1:9/t' `
                    -OAuthClientSecret (Get-Secret "$canary-oauth")
            )
            McpConfig = @{ third = @{ command = 'node'; env = @{ TOKEN = "$canary-config" } } }
        }

        function Assert-NoCanary($Text, $Because) {
            "$Text".Contains($canary) | Should -BeFalse -Because $Because
        }

        function Assert-NoFile {
            Get-ChildItem -LiteralPath $place.UserHome, $place.Temp, $place.Project -Recurse -File -Force |
                Where-Object { [System.IO.File]::ReadAllText($_.FullName).Contains($canary) } | Should -BeNullOrEmpty
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is in no record of a stream, which all refer to the call' {
        $call = Get-AmpFakeCall $place 'init', 'out text that is no message', 'err said', 'result Done.'
        $call.Environment = $call.Environment.Clone()
        $call.Environment.OTHER = "$canary-other"
        $records = @(Invoke-AmpAgent 'go' @call @more -Verbose *>&1 | Where-Object { $_ -is [System.Management.Automation.InformationalRecord] })
        $bound = @($records.InvocationInfo.BoundParameters | Where-Object { $_ -and $_.ContainsKey('Environment') })
        $bound.Count | Should -BeGreaterThan 0
        Assert-NoCanary ($bound | ConvertTo-Json -Depth 5 -WarningAction SilentlyContinue) 'records are written to logs'
        $bound[0].Environment.Keys | Should -Contain 'OTHER'
        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 1
    }

    It 'is in no record of a stream as <Case>' -ForEach @(
        @{ Case = 'an object of servers'; Config = { "{""a"":{""command"":""x"",""env"":{""A"":""$canary""}}}" | ConvertFrom-Json } }
        @{ Case = 'JSON of servers after a comment'; Config = { "// mine`n{""a"":{""command"":""x"",""env"":{""A"":""$canary""}}}" } }
    ) {
        $call = Get-AmpFakeCall $place 'init', 'out text that is no message', 'result Done.'
        $records = @(Invoke-AmpAgent 'go' @call -McpConfig (& $Config) -Verbose *>&1 | Where-Object { $_ -is [System.Management.Automation.InformationalRecord] })
        $bound = @($records.InvocationInfo.BoundParameters | Where-Object { $_ -and $_.ContainsKey('McpConfig') })
        $bound.Count | Should -BeGreaterThan 0
        Assert-NoCanary ($bound | ConvertTo-Json -Depth 5 -WarningAction SilentlyContinue) 'records are written to logs'
        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 1
    }

    It 'reaches the CLI, and is in no process''s command line while it runs' -Skip:(-not $IsLinux) {
        $go = Join-Path $place.Root 'go'
        $call = Get-AmpFakeCall $place 'init', "waitfor $go", 'assistant Done.', 'result Done.'
        $seen = [System.Collections.Generic.List[string]]::new()
        Invoke-AmpAgent 'go' @call @more | ForEach-Object {
            if ($_ -is [Amp.SystemMessage]) {
                foreach ($file in [System.IO.Directory]::GetDirectories('/proc') -match '/\d+$') {
                    try {
                        $seen.Add([System.IO.File]::ReadAllText("$file/cmdline"))
                    } catch [System.Exception] {
                        # It has ended in between.
                        continue
                    }
                }

                $null = New-Item -ItemType File -Path $go
            }
        }

        $run = Get-AmpFakeRecord $place -Kind Run
        $run.environment.AMP_API_KEY | Should -Be "$canary-key"
        foreach ($name in 'env', 'header', 'oauth', 'config') {
            "$($run.files.content)" | Should -BeLike "*$canary-$name*"
        }

        ($seen -like '*--stream-json*').Count | Should -BeGreaterThan 0 -Because 'the run itself was looked at'
        Assert-NoCanary ($seen -join "`n") 'other users see command lines'
        Assert-NoFile
    }

    It 'is in no stream and no error of a run whose CLI tells it' {
        $steps = foreach ($name in 'key', 'env', 'header', 'oauth', 'config') { "err it is $canary-$name", "out it is $canary-$name" }
        $call = Get-AmpFakeCall $place ($steps + 'exit 1')
        $Error.Clear()
        $all = Invoke-AmpAgent 'go' @call @more -Verbose -ErrorAction Continue *>&1

        $Error.Count | Should -BeGreaterThan 0
        "$all" | Should -BeLike '*it is*' -Because 'there was something to take out'
        Assert-NoCanary ($all | Format-List * -Force | Out-String -Width 500) 'streams end up in logs'
        Assert-NoCanary ($Error | Format-List * -Force | Out-String -Width 500) '$Error is shown'
        Assert-NoCanary ($Error.Exception.ForEach('ToString') -join "`n") 'exceptions are logged'
        Assert-NoFile
    }

    It 'is not in what -WhatIf and -Verbose say' {
        $call = Get-AmpFakeCall $place
        $shell = Invoke-AmpTestShell $place @"
`$more = @{
    ApiKey = [System.Net.NetworkCredential]::new('', '$canary').SecurePassword
    McpConfig = @{ one = @{ url = 'http://127.0.0.1:9'; headers = @{ Authorization = 'Bearer $canary' } } }
}
Invoke-AmpAgent go @call @more -WhatIf -Verbose
"@ -Call $call

        $shell.Output | Should -BeLike '*What if*--mcp-config=*'
        Assert-NoCanary "$($shell.Output) $($shell.Error)" 'it is shown'
        Assert-NoFile
    }

    It 'is not in a server that is shown or stored' {
        Assert-NoCanary ($more.McpServer | Format-List * -Force | Out-String -Width 500) 'it is shown'
        Assert-NoCanary ($more.McpServer | ConvertTo-Json -Depth 9 -WarningAction Ignore) 'it is stored'
        Assert-NoCanary ([System.Management.Automation.PSSerializer]::Serialize($more.McpServer, 9)) 'it is sent to another session'
    }
}
